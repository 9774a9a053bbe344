"""The OpenAPI document, and its pages."""

from app.core.openapi.docs import add_docs
from app.core.openapi.openapi import add_openapi, operation_id, problems

__all__ = [
    "add_docs",
    "add_openapi",
    "operation_id",
    "problems",
]
