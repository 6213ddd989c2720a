"""The kinds of security events; the README of this service says what each means."""

from typing import Literal

Kind = Literal[
    "login",
    "login_failed",
    "code_required",
    "wrong_code",
    "refused",
    "key_used",
    "device_not_allowed",
    "account_created",
    "account_deleted",
    "account_disabled",
    "account_enabled",
    "role_changed",
    "password_changed",
    "totp_enabled",
    "totp_removed",
    "key_created",
    "key_revoked",
]
