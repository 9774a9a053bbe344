"""Which route serves a request, told without the values in its path."""

from starlette.types import Scope

UNMATCHED = "unmatched"


def route_template(scope: Scope) -> str:
    """Return for example ``/api/v1/items/{item_id}``, once the request was routed.

    Whatever scanners ask for is ``unmatched``, so there are never more of them than
    there are routes.
    """
    # A router that was included knows its prefix only here.
    included = scope.get("fastapi", {}).get("effective_route_context")
    path: str | None = getattr(included or scope.get("route"), "path_format", None)
    root = scope.get("root_path", "")
    if "app_root_path" in scope:  # an application that was mounted
        return f"{root.removeprefix(scope['app_root_path'])}{path or '/{path}'}"
    if path is None and "endpoint" in scope and not scope.get("path_params"):
        return str(scope["path"]).removeprefix(root)  # Starlette's own kind of route
    return path or UNMATCHED
