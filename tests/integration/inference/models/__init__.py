"""Which model scores."""
