"""What happens around every request, in this order; its span is outside of all."""

from typing import Any

from starlette.middleware import Middleware

from app.core.network import spellings
from app.core.settings import Settings
from app.middleware.access_log import AccessLogMiddleware
from app.middleware.compression import CompressionMiddleware
from app.middleware.cors import CORSMiddleware
from app.middleware.deadline import DeadlineMiddleware
from app.middleware.drain import DrainMiddleware
from app.middleware.errors import ErrorMiddleware
from app.middleware.head import HeadMiddleware
from app.middleware.identity import IdentityMiddleware
from app.middleware.load_shedding import LoadSheddingMiddleware
from app.middleware.metrics import MetricsMiddleware
from app.middleware.proxy_headers import TrustedProxyMiddleware
from app.middleware.rate_limit import RateLimitMiddleware
from app.middleware.read_your_writes import ReadYourWritesMiddleware
from app.middleware.root_path import RootPathMiddleware
from app.middleware.security_headers import SecurityHeadersMiddleware
from app.middleware.size_limits import SizeLimitMiddleware
from app.middleware.trusted_host import TrustedHostMiddleware

__all__ = ["middleware"]


def middleware(settings: Settings) -> list[Middleware]:
    """Return all of it; the first is the first to see a request."""
    api = settings.api
    replica = settings.database.replica_url
    proxies = spellings(api.trusted_proxies)
    return [
        *_if(api.root_path, RootPathMiddleware, prefix=api.root_path),
        *_if(proxies, TrustedProxyMiddleware, trusted_hosts=proxies),
        Middleware(IdentityMiddleware),
        Middleware(AccessLogMiddleware, settings=settings),
        Middleware(MetricsMiddleware),
        Middleware(DrainMiddleware),
        Middleware(SecurityHeadersMiddleware, settings=settings),
        *_if(api.cors_origins, CORSMiddleware, settings=api),
        Middleware(ErrorMiddleware),
        *_if(api.allowed_hosts, TrustedHostMiddleware, allowed=api.allowed_hosts),
        Middleware(LoadSheddingMiddleware, limit=api.max_concurrency),
        Middleware(RateLimitMiddleware),
        *_if(replica, ReadYourWritesMiddleware, settings=settings),
        Middleware(SizeLimitMiddleware, settings=api),
        Middleware(DeadlineMiddleware, seconds=api.deadline),
        *_if(api.compress, CompressionMiddleware),
        Middleware(HeadMiddleware),
    ]


def _if(wanted: object, middleware_class: Any, **options: object) -> list[Middleware]:  # noqa: ANN401
    """Return middleware that a setting asks for."""
    return [Middleware(middleware_class, **options)] if wanted else []
