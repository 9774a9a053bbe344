"""Adds a domain to a service: ``uvx --from <this repository> new-domain orders``."""
