"""Tests of the context of a request."""
