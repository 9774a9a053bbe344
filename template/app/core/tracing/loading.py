"""Loading of the exporter, whose packages are a dependency group."""

from contextlib import AbstractContextManager, nullcontext

from app.core.settings import AppSettings, load_optional
from app.core.tracing.settings import OtelSettings


def load_tracing(
    settings: OtelSettings, app: AppSettings
) -> AbstractContextManager[None]:
    """Return a context in which traces are exported if there is an endpoint.

    Ends the process if there is one but the packages are not installed.
    """
    if not settings.traces_endpoint:
        return nullcontext()
    exporter = load_optional(
        "app.core.tracing.exporter",
        variable="OTEL_EXPORTER_OTLP_ENDPOINT",
        group="otel",
    )
    tracing: AbstractContextManager[None]
    tracing = exporter.export_traces(settings.traces_endpoint, app)
    return tracing
