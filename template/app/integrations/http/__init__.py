"""Calls to other services."""

from app.integrations.http.client import HttpClient
from app.integrations.http.errors import http_errors

__all__ = ["HttpClient", "http_errors"]
