"""The way to PostgreSQL: engine, sessions, base classes."""
