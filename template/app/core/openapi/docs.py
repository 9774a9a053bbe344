"""``/docs`` and ``/redoc``: FastAPI's pages with local files and a strict CSP."""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

# Bundles of Swagger UI and Redoc; a dependency of developers, unless you move it.
PACKAGE = "fastapi_standalone_docs"
FAVICON = "docs/fastapi/favicon.png"
POLICY = (
    "default-src 'none'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def add_docs(app: FastAPI) -> None:
    """Serve the pages; end the process with a hint if their package is missing."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        name = PACKAGE.replace("_", "-")
        raise SystemExit(f"API_DOCS: set it to False, or install {name}")
    static = Path(package.origin).parent / "static"
    # All URLs are relative, so that they hold behind any prefix.
    swagger_ui = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=escape(app.title),
        swagger_js_url="docs/swagger/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger/swagger-ui.css",
        swagger_favicon_url=FAVICON,
        swagger_ui_parameters={"validatorUrl": None},
    )
    redoc = get_redoc_html(
        openapi_url="openapi.json",
        title=escape(app.title),
        redoc_js_url="redoc/redoc.standalone.js",
        redoc_favicon_url=FAVICON,
        with_google_fonts=False,
    )
    _add_page(app, "/docs", swagger_ui, "style-src 'self'")
    # Redoc writes its styles, and its search index, while it runs.
    _add_page(app, "/redoc", redoc, "style-src 'unsafe-inline'; worker-src blob:")
    app.mount("/docs", StaticFiles(directory=static))
    app.mount("/redoc", StaticFiles(directory=static / "redoc"))


def _add_page(app: FastAPI, path: str, page: HTMLResponse, styles: str) -> None:
    html = bytes(page.body)
    scripts = re.findall(rb"<script>(.*?)</script>", html, re.DOTALL)
    policy = f"{POLICY}; script-src 'self' {' '.join(map(_hash, scripts))}; {styles}"

    async def get_page(_: Request) -> Response:
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    app.add_route(path, get_page, include_in_schema=False)


def _hash(script: bytes) -> str:
    """Return the source expression that allows an inline script (CSP 3, 2.3.1)."""
    return f"'sha256-{b64encode(sha256(script).digest()).decode()}'"
