"""Sessions: logging in, staying in, logging out. Nobody else needs to know how."""
