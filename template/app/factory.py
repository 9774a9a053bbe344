"""Where an application is put together."""

from fastapi import FastAPI

from app.api.router import router
from app.core.error_handlers import add_exception_handlers
from app.core.middleware import (
    BodyLimitMiddleware,
    ErrorMiddleware,
    RequestIdMiddleware,
)
from app.core.openapi import add_openapi, operation_id
from app.core.settings import Settings
from app.lifespan import lifespan


def create_app(settings: Settings) -> FastAPI:
    """Build an application; opens nothing before its lifespan starts."""
    app = FastAPI(
        title=settings.app.name,
        version=settings.app.version,
        lifespan=lifespan(settings),
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
    )
    # The last one added is the first to see a request.
    app.add_middleware(BodyLimitMiddleware, max_size=settings.api.max_body_size)
    app.add_middleware(ErrorMiddleware)
    app.add_middleware(RequestIdMiddleware)
    add_exception_handlers(app)
    app.include_router(router)
    add_openapi(app)
    return app
