"""What can go wrong in a training run."""


class LeaseLost(Exception):
    """Somebody else works on this run by now, or it was cancelled; this attempt must leave no trace."""


class SourceError(Exception):
    """The readings cannot be pulled as they are; the message says what is wrong with them."""


class CacheDamaged(Exception):
    """The cache does not hold what it should; it is rebuilt from the database."""
