"""Tests of requests and responses."""
