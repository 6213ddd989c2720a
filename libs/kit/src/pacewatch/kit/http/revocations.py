"""Which tokens were revoked before they expire, as far as this process knows, and how old that knowledge is.

A signature stays valid, so each process reads the list every moment. One that cannot read it refuses every token:
a token that was revoked would pass otherwise.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Final

from pacewatch.kit.errors import Unauthorized, Unavailable

# The promise: a revoked token is refused everywhere within this time.
MAX_AGE_S: Final = 5.0


class Revocations:
    """Revoked tokens by id, and accounts whose tokens below an epoch are revoked."""

    def __init__(self) -> None:
        self._token_ids: frozenset[str] = frozenset()
        self._epochs: Mapping[str, int] = {}
        # When the list was last read, monotonic seconds; None: nobody reads one here, as in a test of one router.
        self._read_at_s: float | None = None

    def expect(self) -> None:
        """Refuse every token until the list has been read."""
        self._read_at_s = float("-inf")

    def replace(self, token_ids: Iterable[str], epochs: Mapping[str, int], read_at_s: float | None = None) -> None:
        """The whole list. `read_at_s` is the moment before it was read, None if it never grows old."""
        self._token_ids, self._epochs, self._read_at_s = frozenset(token_ids), dict(epochs), read_at_s

    def check(self, token_id: str, account_id: str, epoch: int) -> None:
        """Unauthorized if the token is revoked, Unavailable if the list is too old to tell."""
        if self._read_at_s is not None and time.monotonic() - self._read_at_s > MAX_AGE_S:
            raise Unavailable("revoked tokens cannot be looked up at the moment; try again soon")
        if token_id in self._token_ids:
            raise Unauthorized("this key was revoked; ask for another one")
        if epoch < self._epochs.get(account_id, 0):
            raise Unauthorized("this account was changed; log in again")
