"""Tables, one module per resource."""
