"""Dependencies of endpoints, one module per resource."""
