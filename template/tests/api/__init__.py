"""What holds for every endpoint, model and setting."""
