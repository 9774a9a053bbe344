"""Tests of the application as a whole."""
