"""Tests of clients of other services."""
