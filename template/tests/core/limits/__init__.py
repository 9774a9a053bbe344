"""Tests of limits of size, time and concurrency."""
