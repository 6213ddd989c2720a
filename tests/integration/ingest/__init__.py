"""A package, so that what its fixtures hold open is closed when its tests are over."""
