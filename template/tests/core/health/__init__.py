"""Tests of health checks and probes."""
