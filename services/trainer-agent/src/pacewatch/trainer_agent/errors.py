"""Errors of a training run."""


class LeaseLost(Exception):
    """Another worker has this run, or it was cancelled; this attempt must change nothing more."""


class SourceError(Exception):
    """The readings cannot be used; the message says what is wrong with them."""


class CacheDamaged(Exception):
    """The cache does not have the content that was written; it is rebuilt from the database."""
