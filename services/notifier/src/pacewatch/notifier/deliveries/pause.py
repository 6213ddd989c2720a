"""The pause of the mail channel: after a refusal of our set-up, one mail at a time tries whether it is mended."""

import time
from typing import Final

from pacewatch.kit import logs
from pacewatch.notifier.mail.smtp import Refused, SetUpRefused

FIRST_S: Final = 2.0
LONGEST_S: Final = 60.0

log = logs.get(__name__)


class Pause:
    """In one process. Wall time, in seconds."""

    def __init__(self) -> None:
        self._length_s = 0.0
        self._ends_s = 0.0

    def places(self, most: int) -> int:
        """How many mails may be under way: `most`, one that tries, or none."""
        if time.monotonic() < self._ends_s:
            return 0
        return 1 if self._length_s else most

    def note(self, error: Exception | None) -> None:
        """Take the result of an attempt: a refusal of our set-up begins a pause, a verdict on a mail ends it."""
        is_under_way = time.monotonic() < self._ends_s
        if isinstance(error, SetUpRefused) and not is_under_way:
            self._length_s = min(max(2 * self._length_s, FIRST_S), LONGEST_S)
            self._ends_s = time.monotonic() + self._length_s
            remedy = "correct PACEWATCH_SMTP_STARTTLS, _USERNAME, _PASSWORD or the mail server; all mails wait"
            log.error("mail_channel_paused", reason=str(error), pause_s=self._length_s, remedy=remedy)
        elif error is None or isinstance(error, Refused):
            self._length_s = self._ends_s = 0.0
