"""Tests of access of operators."""
