"""``OTEL_…``: where traces go."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from app.core.settings import Group, is_public


def _http_url(value: str) -> str:
    url = urlsplit(value)
    if value and not (url.scheme in {"http", "https"} and url.netloc):
        raise ValueError("is not a URL such as http://collector:4318")
    return value


HttpUrl = Annotated[str, AfterValidator(_http_url)]


class OtelSettings(Group):
    """``OTEL_…``: where traces go. The SDK reads its other variables itself."""

    exporter_otlp_endpoint: HttpUrl = ""
    exporter_otlp_traces_endpoint: HttpUrl = ""

    @property
    def traces_endpoint(self) -> str:
        """The URL for traces, as OpenTelemetry defines it; empty if there is none."""
        base = self.exporter_otlp_endpoint.rstrip("/")
        return self.exporter_otlp_traces_endpoint or (base and f"{base}/v1/traces")

    def insecure(self) -> Iterator[str]:
        """Yield what production must not accept."""
        url = urlsplit(self.traces_endpoint)
        if url.scheme == "http" and is_public(url.hostname):
            yield "OTEL_EXPORTER_OTLP_ENDPOINT: sends traces in the clear"
