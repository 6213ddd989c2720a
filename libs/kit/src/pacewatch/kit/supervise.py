"""Supervision of background loops: a loop that ends or fails is logged, counted and restarted after a pause."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from pacewatch.kit import logs, metrics

PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0)

log = logs.get(__name__)


async def restart_forever(name: str, loop: Callable[[], Awaitable[object]]) -> None:
    """Run `loop`, and restart it when it ends or fails, until this task is cancelled.

    A CancelledError that nobody requested counts as a failure: a broken connection can raise one.
    """
    failures = 0
    while True:
        began_s = asyncio.get_running_loop().time()
        try:
            await loop()
            reason = "it ended"
        except asyncio.CancelledError:
            if cancelled_by_caller():
                raise
            reason = "a cancellation that nobody requested"
        except Exception as error:
            reason = _reason(error)
        if cancelled_by_caller():
            raise asyncio.CancelledError(reason)  # closing a broken connection can put another error in its place
        healthy = asyncio.get_running_loop().time() - began_s > 10
        failures = 0 if healthy else min(failures + 1, len(PAUSES_S) - 1)
        metrics.LOOP_RESTARTS.labels(name).inc()
        log.warning("loop_restarted", loop=name, reason=reason, pause_s=PAUSES_S[failures])
        await asyncio.sleep(PAUSES_S[failures])


def cancelled_by_caller() -> bool:
    """Whether this task was cancelled on request: a broken connection can raise CancelledError, too."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _reason(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_reason(inner) for inner in error.exceptions)
    return f"{type(error).__name__}: {error}"
