"""A package, so that fixtures of package scope are closed after its last test."""
