"""A package, so that test files in other folders may have the same names."""
