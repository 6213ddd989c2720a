"""A parser that misbehaves as its request says; run as the parser's process is."""

import os
import time
from typing import Any

from pacewatch.ingest.parser import child
from pacewatch.ingest.telemetry.checking import CheckedRows


class Misbehaves:
    """Answers nothing to requests that it survives."""

    def __init__(self, _profile: object) -> None:
        self._memory: list[bytes] = []

    def answer(self, request: tuple[Any, ...]) -> CheckedRows | None:
        match request:
            case ("spin",):
                sum(range(10**12))  # in C, without letting a signal handler of Python run
            case ("work",):
                sum(range(10**7))
            case ("swell",):
                while True:
                    self._memory.append(bytes(2**20))
            case ("sleep",):
                time.sleep(60)
            case ("crash",):
                os.abort()
            case ("fail",):
                raise ZeroDivisionError
            case ("print",):
                os.write(1, b"noise from a library")
        return None


if __name__ == "__main__":
    child.Answers = Misbehaves  # type: ignore[misc, assignment]
    child.main()
