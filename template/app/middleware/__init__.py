"""What happens around every request, in this order."""

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from app.core.settings import Settings
from app.middleware.cors import CORSMiddleware
from app.middleware.deadline import DeadlineMiddleware
from app.middleware.errors import ErrorMiddleware
from app.middleware.head import HeadMiddleware
from app.middleware.identity import IdentityMiddleware
from app.middleware.load_shedding import LoadSheddingMiddleware
from app.middleware.security_headers import SecurityHeadersMiddleware
from app.middleware.size_limits import SizeLimitMiddleware
from app.middleware.trusted_host import TrustedHostMiddleware

__all__ = ["middleware"]

WORTH_COMPRESSING = 1024  # bytes


def middleware(settings: Settings) -> list[Middleware]:
    """Return all of it; the first is the first to see a request."""
    api = settings.api
    return [
        Middleware(IdentityMiddleware),
        Middleware(SecurityHeadersMiddleware, settings=settings),
        *_cors(settings),
        Middleware(ErrorMiddleware),
        *_trusted_host(settings),
        Middleware(LoadSheddingMiddleware, limit=api.max_concurrency),
        Middleware(SizeLimitMiddleware, settings=api),
        Middleware(DeadlineMiddleware, seconds=api.deadline),
        *_compression(settings),
        Middleware(HeadMiddleware),
    ]


def _cors(settings: Settings) -> list[Middleware]:
    if not settings.api.cors_origins:
        return []
    return [Middleware(CORSMiddleware, settings=settings.api)]


def _trusted_host(settings: Settings) -> list[Middleware]:
    if not settings.api.allowed_hosts:
        return []
    return [Middleware(TrustedHostMiddleware, allowed=settings.api.allowed_hosts)]


def _compression(settings: Settings) -> list[Middleware]:
    if not settings.api.compress:
        return []
    return [Middleware(GZipMiddleware, minimum_size=WORTH_COMPRESSING)]
