"""Tests of outages of Redis."""
