"""What a training tells while it runs, and what it may keep so that an interrupted one continues."""

from collections.abc import Callable
from typing import Protocol, TypeVar

Value = TypeVar("Value")


class ReportProgress(Protocol):
    """Called when a stage begins: its name, the progress of the whole training in percent, what the stage will do."""

    def __call__(self, stage: str, percent: int, message: str, /) -> None: ...


class Checkpoint(Protocol):
    """Returns the result of `compute`, or the stored result of this stage if the same training was interrupted."""

    def __call__(self, stage: str, compute: Callable[[], Value], /) -> Value: ...


def ignore_progress(_stage: str, _percent: int, _message: str) -> None:
    """Report nothing."""


def no_checkpoint(_stage: str, compute: Callable[[], Value]) -> Value:
    """Store nothing."""
    return compute()
