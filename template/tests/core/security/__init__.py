"""Tests of passwords, tokens and attempts to log in."""
