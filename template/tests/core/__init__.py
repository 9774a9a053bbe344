"""Tests of the platform in ``app/core``, one folder per concern."""
