"""Clients of third-party services, each behind a ``Protocol``."""
