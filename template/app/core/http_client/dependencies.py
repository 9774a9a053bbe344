"""Dependency for the HTTP client of the process."""

from typing import Annotated

from app.core.http_client.client import HttpClient
from app.core.request import from_state

HttpClientDep = Annotated[HttpClient, from_state("http_client")]
