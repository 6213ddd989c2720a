"""A package, so that its package-scoped fixtures are closed after its tests."""
