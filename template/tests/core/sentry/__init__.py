"""Tests of error reports."""
