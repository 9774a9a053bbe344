"""``/docs`` and ``/redoc``: no CDN, no inline script."""

from collections.abc import Awaitable, Callable
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

# Bundles of Swagger UI and Redoc; a dependency of developers, unless you move it.
PACKAGE = "fastapi_standalone_docs"
FILES = {
    "/docs/favicon.png": "fastapi/favicon.png",
    "/docs/swagger-ui.css": "swagger/swagger-ui.css",
    "/docs/swagger-ui-bundle.js": "swagger/swagger-ui-bundle.js",
    "/redoc/logo-mini.svg": "redoc/logo-mini.svg",
    "/redoc/redoc.standalone.js": "redoc/redoc.standalone.js",
}

# All addresses are relative, so that they hold behind any prefix.
SWAGGER_UI = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="docs/favicon.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START_SWAGGER_UI = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
});
"""

REDOC = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="docs/favicon.png">
</head>
<body style="margin: 0">
<redoc spec-url="openapi.json"></redoc>
<script src="redoc/redoc.standalone.js"></script>
</body>
</html>
"""
POLICY = (
    "default-src 'none'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
)
SWAGGER_UI_POLICY = f"{POLICY}style-src 'self'"
# Redoc writes its styles, and its search index, while it runs.
REDOC_POLICY = f"{POLICY}style-src 'unsafe-inline'; worker-src blob:"


def add_docs(app: FastAPI) -> None:
    """Serve the pages; end the process with a hint if their package is missing."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        name = PACKAGE.replace("_", "-")
        raise SystemExit(f"API_DOCS: set it to False, or install {name}")
    static = Path(package.origin).parent / "static"
    title = escape(app.title)
    endpoints = {
        "/docs": _page(SWAGGER_UI.format(title=title), SWAGGER_UI_POLICY),
        "/docs/start.js": _script(START_SWAGGER_UI),
        "/redoc": _page(REDOC.format(title=title), REDOC_POLICY),
        **{path: _file(static / name) for path, name in FILES.items()},
    }
    for path, endpoint in endpoints.items():
        app.add_route(path, endpoint, include_in_schema=False)


def _page(html: str, policy: str) -> Endpoint:
    async def get_page(_: Request) -> Response:
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    return get_page


def _script(code: str) -> Endpoint:
    async def get_script(_: Request) -> Response:
        return Response(code, media_type="text/javascript")

    return get_script


def _file(path: Path) -> Endpoint:
    async def get_file(_: Request) -> Response:
        return FileResponse(path)

    return get_file
