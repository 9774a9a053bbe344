"""Business rules, one module per resource."""
