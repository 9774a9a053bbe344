"""Tests of ETags and conditional requests."""
