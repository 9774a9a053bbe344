"""Errors, one module per resource."""
