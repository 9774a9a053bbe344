"""``uv run poe fuzz``: requests made up from the OpenAPI document."""
