"""The OpenAPI document, and its pages."""

from app.core.openapi.docs import add_docs
from app.core.openapi.identity import (
    accepted_schemes,
    identifies,
    identity_checks,
    required_scopes,
)
from app.core.openapi.openapi import add_openapi, operation_id, problems

__all__ = [
    "accepted_schemes",
    "add_docs",
    "add_openapi",
    "identifies",
    "identity_checks",
    "operation_id",
    "problems",
    "required_scopes",
]
