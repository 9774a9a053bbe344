"""Tests of metrics, the dashboard and alerts."""
