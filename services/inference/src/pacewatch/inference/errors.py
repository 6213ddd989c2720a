"""What can go wrong here on purpose."""

from pacewatch.kit.errors import Conflict, NotFound, Unprocessable


class NoActiveModel(Conflict):
    """No model is active yet: train one, or activate one, and ask again."""

    code = "no_active_model"


class UnknownDevice(NotFound):
    """No reading of this device has arrived."""

    code = "unknown_device"


class NotScored(NotFound):
    """This device has sent readings, and none of them is scored yet: it needs a day of history and an active model."""

    code = "not_scored"


class ImplausibleTime(Unprocessable):
    """A reading is from before such devices existed, or from the future."""

    code = "timestamp_implausible"


class DuplicateReading(Unprocessable):
    """A device has two readings of the same second: send one of them."""

    code = "duplicate_reading"


class ForeignProfile(Exception):
    """An event carries readings of another device profile than this deployment serves."""
