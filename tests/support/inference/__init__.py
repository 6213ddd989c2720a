"""Helpers for tests and benchmarks of inference."""
