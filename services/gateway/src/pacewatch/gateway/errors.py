"""The gateway's errors; each docstring is the default message of its HTTP answer."""

from pacewatch.kit.errors import Conflict, Forbidden, NotFound, TooManyRequests, Unauthorized, Unprocessable


class WrongCredentials(Unauthorized):
    """The e-mail address or the password is wrong."""

    code = "wrong_credentials"
    is_recorded = True


class WrongOwnPassword(WrongCredentials):
    """Your password, the old one, is wrong."""


class PasswordUnchanged(Unprocessable):
    """The new password is the old one; choose another."""

    code = "password_unchanged"


class CodeRequired(Unauthorized):
    """The password is right; log in again with the `code` of your authenticator app, too."""

    code = "code_required"
    is_recorded = True


class WrongCode(Unauthorized):
    """The code is wrong, too old, or was used already; wait for the next one."""

    code = "wrong_code"
    is_recorded = True


class TooManyAttempts(TooManyRequests):
    """There were too many attempts for this account; wait."""

    code = "too_many_attempts"

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many attempts for this account; wait {wait_s} s")
        self.retry_after_s = wait_s


class CrossSite(Forbidden):
    """Another site made this request; open the dashboard and log in there."""

    code = "cross_site"


class NotForRole(Forbidden):
    """A second factor is for superusers."""

    code = "not_for_role"


class TotpKnown(Conflict):
    """This account has a second factor; remove it first."""

    code = "totp_known"


class TotpUnknown(Conflict):
    """This account has no second factor; begin with POST /api/v1/auth/totp."""

    code = "totp_unknown"


class UserNotFound(NotFound):
    """There is no such user."""

    code = "user_not_found"


class EmailTaken(Conflict):
    """This e-mail address already has an account."""

    code = "email_taken"


class LastSuperuser(Conflict):
    """This is the last superuser; make another account a superuser first."""

    code = "last_superuser"


class KeyNameTaken(Conflict):
    """Another key has this name; revoke that key first, or choose another name."""

    code = "key_name_taken"


class NotForBoundKeys(Unprocessable):
    """A key that is bound to devices may only have the scopes telemetry:write, outcomes:write and devices:write."""

    code = "scope_not_for_bound_keys"


class BoundToTooMuch(Unprocessable):
    """A key carries what it is bound to; bind this one to fewer devices or sites, and make another for the rest."""

    code = "bound_to_too_much"


class NotForKeysOfSites(Unprocessable):
    """A key that is bound to sites cannot have the scope devices:write: it could move any device to its site."""

    code = "scope_not_for_keys_of_sites"


class NotForKeys(Unprocessable):
    """Only people manage accounts: an API key cannot have the scope users:manage."""

    code = "scope_not_for_keys"


class TooManyStreams(TooManyRequests):
    """You have too many live streams open; close a page that shows one."""

    code, retry_after_s = "too_many_streams", 10
