"""The application: settings, lifespan, middleware, error handlers and routers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

from fastapi import FastAPI

from app.core.application.middleware import middleware
from app.core.application.settings import CoreSettings
from app.core.errors import add_exception_handlers
from app.core.health import health_router, report_router
from app.core.http import (
    APIRouter,
    DispatchRoute,
    build_routes,
    check_options,
    include_routers,
)
from app.core.metrics import metrics_router
from app.core.openapi import add_docs, add_openapi, operation_id
from app.core.sentry import load_sentry
from app.core.settings import refuse_insecure
from app.core.tracing import TELEMETRY, load_tracing

# Path prefixes and their routers.
Routers: TypeAlias = Mapping[str, Sequence[APIRouter]]
Lifespan: TypeAlias = AbstractAsyncContextManager[Mapping[str, Any]]


def build_app(
    settings: CoreSettings,
    lifespan: Callable[[], Lifespan],
    routers: Routers,
    permissions: Iterable[str] = (),
) -> FastAPI:
    """Build the application. Connections are opened when its lifespan starts.

    ``permissions`` are the scopes that the OpenAPI document lists. In production,
    insecure settings end the process.
    """
    refuse_insecure(settings)
    load_tracing(settings.otel, settings.app)
    load_sentry(settings.sentry, settings.app)
    app = FastAPI(
        title=settings.app.name,
        version=settings.app.version,
        routes=[DispatchRoute()],
        lifespan=lambda _: lifespan(),
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
    include_routers(app, routers)
    for router in (health_router, report_router, metrics_router):
        app.include_router(router)
    build_routes(app)
    check_options(app, settings.limits.deadline)
    add_openapi(app, permissions)
    if settings.has_docs:
        add_docs(app)
    return app
