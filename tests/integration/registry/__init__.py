"""A package, so that pytest closes its package-scoped fixtures after its tests."""
