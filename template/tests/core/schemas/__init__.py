"""Tests of pages of lists."""
