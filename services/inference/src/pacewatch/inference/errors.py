"""Errors that inference answers with."""

from pacewatch.kit.errors import Conflict, NotFound, Unavailable, Unprocessable


class NoActiveModel(Conflict):
    """No model is active yet: train or activate one, then try again."""

    code = "no_active_model"


class NoUsableModel(Unavailable):
    """No model can be opened: readings are stored, and scored as soon as one can."""

    code = "no_usable_model"


class UnknownDevice(NotFound):
    """No reading of this device has arrived."""

    code = "unknown_device"


class NotScored(NotFound):
    """No reading of this device is scored yet: scoring needs an active model and a live reading."""

    code = "not_scored"


class ImplausibleTime(Unprocessable):
    """A reading has a time before such devices existed, or in the future: correct its timestamp."""

    code = "timestamp_implausible"


class DuplicateReading(Unprocessable):
    """A device has two readings of the same second: send one of them."""

    code = "duplicate_reading"


class ForeignProfile(Exception):
    """An event has readings of another device profile than this deployment serves."""
