"""Tests of errors and problem documents."""
