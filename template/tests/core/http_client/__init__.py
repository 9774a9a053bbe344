"""Tests of calls of other services."""
