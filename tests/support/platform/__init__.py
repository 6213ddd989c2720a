"""Platforms for tests: as processes, in this process, and what kills or watches them."""
