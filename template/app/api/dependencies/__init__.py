"""How endpoints obtain their services."""
