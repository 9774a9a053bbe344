"""Tests of traces and reports of errors."""
