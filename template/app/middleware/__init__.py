"""What happens around every request, in this order."""

from starlette.middleware import Middleware

from app.core.settings import Settings
from app.middleware.body_limit import BodyLimitMiddleware
from app.middleware.errors import ErrorMiddleware
from app.middleware.identity import IdentityMiddleware

__all__ = ["middleware"]


def middleware(settings: Settings) -> list[Middleware]:
    """Return all of it; the first is the first to see a request."""
    return [
        Middleware(IdentityMiddleware),
        Middleware(ErrorMiddleware),
        Middleware(BodyLimitMiddleware, max_size=settings.api.max_body_size),
    ]
