"""What can go wrong, one module per resource."""
