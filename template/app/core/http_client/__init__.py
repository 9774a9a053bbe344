"""A client for other services, with timeouts and retries."""

from app.core.http_client.client import HttpClient
from app.core.http_client.dependencies import HttpClientDep
from app.core.http_client.errors import http_errors
from app.core.http_client.settings import OutboundSettings

__all__ = [
    "HttpClient",
    "HttpClientDep",
    "OutboundSettings",
    "http_errors",
]
