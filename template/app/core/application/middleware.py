"""All middleware in order. The span of a request encloses all of it."""

from typing import Any

from starlette.middleware import Middleware

from app.core.application.settings import CoreSettings
from app.core.database import ReadYourWritesMiddleware
from app.core.errors import ErrorMiddleware
from app.core.http import (
    CompressionMiddleware,
    CORSMiddleware,
    HeadMiddleware,
    RootPathMiddleware,
    SecurityHeadersMiddleware,
    TrustedHostMiddleware,
    TrustedProxyMiddleware,
)
from app.core.limits import (
    DeadlineMiddleware,
    LoadSheddingMiddleware,
    SizeLimitMiddleware,
)
from app.core.logging import AccessLogMiddleware
from app.core.metrics import MetricsMiddleware
from app.core.rate_limits import RateLimitMiddleware
from app.core.request import RequestIdMiddleware, RouteMiddleware, spellings
from app.core.server import DrainMiddleware, EventStreamMiddleware
from app.core.websockets import HandshakeMiddleware, WebSocketMiddleware


def middleware(settings: CoreSettings) -> list[Middleware]:
    """Return all middleware, from the outermost to the innermost."""
    api, limits = settings.api, settings.limits
    in_production = settings.app.is_production
    proxies = spellings(api.trusted_proxies)
    hsts_max_age = api.hsts_max_age if in_production else None
    return [
        *_if(api.root_path, RootPathMiddleware, prefix=api.root_path),
        *_if(proxies, TrustedProxyMiddleware, trusted_hosts=proxies),
        Middleware(HandshakeMiddleware),
        Middleware(RequestIdMiddleware),
        Middleware(
            AccessLogMiddleware, settings=settings.log, server_timing=api.server_timing
        ),
        Middleware(MetricsMiddleware),
        Middleware(DrainMiddleware),
        Middleware(SecurityHeadersMiddleware, hsts_max_age=hsts_max_age),
        *_if(api.cors_origins, CORSMiddleware, settings=api),
        Middleware(ErrorMiddleware),
        Middleware(RouteMiddleware),
        Middleware(EventStreamMiddleware),
        *_if(api.allowed_hosts, TrustedHostMiddleware, allowed=api.allowed_hosts),
        Middleware(
            LoadSheddingMiddleware,
            limit=limits.max_concurrency,
            max_streams=limits.max_streams,
        ),
        Middleware(RateLimitMiddleware),
        *_if(
            settings.database.replica_url,
            ReadYourWritesMiddleware,
            lag=settings.database.replica_lag,
            secure=in_production,
        ),
        Middleware(SizeLimitMiddleware, settings=limits),
        Middleware(DeadlineMiddleware, seconds=limits.deadline),
        Middleware(
            WebSocketMiddleware,
            limit=limits.max_websockets,
            origins=api.cors_origins,
        ),
        *_if(api.compress, CompressionMiddleware),
        Middleware(HeadMiddleware),
    ]


def _if(wanted: object, middleware_class: Any, **options: object) -> list[Middleware]:  # noqa: ANN401
    """Return the middleware in a list if it is wanted, else an empty list."""
    return [Middleware(middleware_class, **options)] if wanted else []
