"""The route of a request, as a template without the values in its path."""

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.types import Scope

from app.core.request.middleware import local_path

UNMATCHED = "unmatched"


def route_template(scope: Scope) -> str:
    """Return for example ``/api/v1/items/{item_id}``, once the request is routed.

    All other paths are ``unmatched``, so that scanners cannot create any number of
    labels.
    """
    # Only here is the prefix of an included router known.
    included = scope.get("fastapi", {}).get("effective_route_context")
    path: str | None = getattr(included or scope.get("route"), "path_format", None)
    root = scope.get("root_path", "")
    if "app_root_path" in scope:  # a mounted application
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
