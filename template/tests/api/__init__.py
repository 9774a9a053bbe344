"""Rules for all endpoints, models and settings."""
