"""Tests, through HTTP and on real servers."""
