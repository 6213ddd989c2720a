"""Which tokens were revoked before they expire, and which API keys there are, as far as this process knows.

A signature stays valid, so each process reads the list every moment. One that cannot read it refuses every token:
a token that was revoked would pass otherwise.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from pacewatch.kit.errors import Unauthorized, Unavailable

# The promise: a revoked token is refused everywhere within this time.
MAX_AGE_S: Final = 5.0
# A key works from the moment it is made, before every process has read of it; clocks of machines differ.
NEW_KEY: Final = timedelta(seconds=60)


class Revocations:
    """Revoked tokens by id, accounts whose tokens below an epoch are revoked, and the ids of all valid API keys.

    A signature outlives the row of its key when a backup from before the key is restored: nobody could then revoke it.
    """

    def __init__(self) -> None:
        self._token_ids: frozenset[str] = frozenset()
        self._epochs: Mapping[str, int] = {}
        self._valid_keys: frozenset[str] | None = None
        # When the list was last read, monotonic seconds; None: nobody reads one here, as in a test of one router.
        self._read_at_s: float | None = None

    def expect(self) -> None:
        """Refuse every token until the list has been read."""
        self._read_at_s = float("-inf")

    def replace(
        self,
        token_ids: Iterable[str],
        epochs: Mapping[str, int],
        read_at_s: float | None = None,
        valid_keys: Iterable[str] | None = None,
    ) -> None:
        """The whole list. `read_at_s` is the moment before it was read, None if it never grows old.

        `valid_keys` None: which keys there are is not known here, and not checked.
        """
        self._token_ids, self._epochs, self._read_at_s = frozenset(token_ids), dict(epochs), read_at_s
        self._valid_keys = None if valid_keys is None else frozenset(valid_keys)

    def check(self, token_id: str, account_id: str, epoch: int) -> None:
        """Unauthorized if the token is revoked, Unavailable if the list is too old to tell."""
        if self._read_at_s is not None and time.monotonic() - self._read_at_s > MAX_AGE_S:
            raise Unavailable("revoked tokens cannot be looked up at the moment; try again soon")
        if token_id in self._token_ids:
            raise Unauthorized("this key was revoked; ask for another one")
        if epoch < self._epochs.get(account_id, 0):
            raise Unauthorized("this account was changed; log in again")

    def check_key(self, key_id: str, issued_at: datetime) -> None:
        """Unauthorized if there is no such API key; one that was just made may not be known here yet."""
        if self._valid_keys is None or key_id in self._valid_keys or datetime.now(UTC) - issued_at < NEW_KEY:
            return
        raise Unauthorized("there is no such key, perhaps since a backup was restored; ask for another one")
