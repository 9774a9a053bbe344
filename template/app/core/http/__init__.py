"""HTTP: routes, request validation, bodies, hosts, CORS and security headers."""

from app.core.http.bodies import RawBodyDep, validate_body
from app.core.http.compression import CompressionMiddleware
from app.core.http.cors import CORSMiddleware
from app.core.http.endpoint_options import UNLIMITED
from app.core.http.head_requests import HeadMiddleware
from app.core.http.proxy_headers import TrustedProxyMiddleware
from app.core.http.query import CursorParamsDep, PageParamsDep
from app.core.http.responses import created_response
from app.core.http.root_path import RootPathMiddleware
from app.core.http.routing import (
    APIRouter,
    DispatchRoute,
    build_routes,
    check_options,
    include_router,
    include_routers,
)
from app.core.http.security_headers import (
    NO_STORE,
    SECURITY_HEADERS,
    SecurityHeadersMiddleware,
)
from app.core.http.settings import ApiSettings
from app.core.http.trusted_host import TrustedHostMiddleware

__all__ = [
    "NO_STORE",
    "SECURITY_HEADERS",
    "UNLIMITED",
    "APIRouter",
    "ApiSettings",
    "CORSMiddleware",
    "CompressionMiddleware",
    "CursorParamsDep",
    "DispatchRoute",
    "HeadMiddleware",
    "PageParamsDep",
    "RawBodyDep",
    "RootPathMiddleware",
    "SecurityHeadersMiddleware",
    "TrustedHostMiddleware",
    "TrustedProxyMiddleware",
    "build_routes",
    "check_options",
    "created_response",
    "include_router",
    "include_routers",
    "validate_body",
]
