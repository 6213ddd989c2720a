"""What can go wrong with accounts."""

from pacewatch.kit.errors import Conflict, NotFound, Unauthorized, Unprocessable


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
    """Somebody has an account with this e-mail address already."""

    code = "email_taken"


class LastSuperuser(Conflict):
    """This is the last superuser: make another one first, or nobody could manage accounts any more."""

    code = "last_superuser"


class NotForKeys(Unprocessable):
    """Accounts are managed by people: an API key cannot carry users:manage."""

    code = "scope_not_for_keys"
