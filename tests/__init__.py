"""Proof that every project the template can make works."""
