"""Where an application is put together."""

from fastapi import FastAPI

from app.api.docs import add_docs
from app.api.router import include_routers
from app.core.error_handlers import add_exception_handlers
from app.core.openapi import add_openapi, operation_id
from app.core.production import refuse_insecure
from app.core.settings import Settings
from app.lifespan import lifespan
from app.middleware import middleware
from app.middleware.telemetry import TELEMETRY


def create_app(settings: Settings) -> FastAPI:
    """Build an application; opens nothing before its lifespan starts."""
    refuse_insecure(settings)
    app = FastAPI(
        title=settings.app.name,
        version=settings.app.version,
        lifespan=lifespan(settings),
        middleware=middleware(settings),
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
        form_limits={"max_fields": 100, "max_files": 20},
        openapi_url="/openapi.json" if settings.has_docs else None,
        docs_url=None,
        redoc_url=None,
        telemetry=TELEMETRY,
    )
    add_exception_handlers(app)
    include_routers(app)
    add_openapi(app)
    if settings.has_docs:
        add_docs(app)
    return app
