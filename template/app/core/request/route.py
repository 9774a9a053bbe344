"""Which route serves a request, told without the values in its path."""

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.types import Scope

from app.core.request.middleware import local_path

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


def find_route(scope: Scope) -> RouteContext | None:
    """Find the route of a request that has not been routed yet."""
    path, method = local_path(scope), scope["method"]
    for route in iter_route_contexts(scope["app"].routes):
        pattern = getattr(route, "path_regex", None)
        takes_method = not route.methods or method in route.methods
        if takes_method and pattern and pattern.match(path):
            return route
    return None
