"""The gateway's errors; each docstring is the default message of its HTTP answer."""

from pacewatch.kit.errors import Conflict, NotFound, TooManyRequests, Unauthorized, Unprocessable


class WrongCredentials(Unauthorized):
    """The e-mail address or the password is wrong."""

    code = "wrong_credentials"


class UserNotFound(NotFound):
    """There is no such user."""

    code = "user_not_found"


class KeyNotFound(NotFound):
    """There is no such API key."""

    code = "api_key_not_found"


class EmailTaken(Conflict):
    """This e-mail address already has an account."""

    code = "email_taken"


class LastSuperuser(Conflict):
    """This is the last superuser; make another account a superuser first."""

    code = "last_superuser"


class NotForKeys(Unprocessable):
    """Only people manage accounts: an API key cannot have the scope users:manage."""

    code = "scope_not_for_keys"


class TooManyStreams(TooManyRequests):
    """You have too many live streams open; close a page that shows one."""

    code, retry_after_s = "too_many_streams", 10
