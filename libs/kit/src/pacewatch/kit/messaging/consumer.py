"""From a delivery to a committed effect: decode, claim, handle, commit; retry, and dead-letter after five failures."""

import asyncio
import time
from typing import Final

from pydantic import ValidationError

from pacewatch.contracts.base import Event
from pacewatch.kit import db, logs, metrics
from pacewatch.kit.messaging import inbox
from pacewatch.kit.messaging.bus import Verdict
from pacewatch.kit.messaging.envelope import Envelope
from pacewatch.kit.module import Handler
from pacewatch.kit.supervise import cancelled_by_caller

# Five attempts within 3.1 s: a temporary fault is over by then, and events behind a poison event wait at most 5 s.
BACK_OFF_S: Final = (0.1, 0.4, 0.8, 1.8)
# Between attempts during an outage, which counts no failure: PostgreSQL is away, or its schema is that of another
# release. Short, so that processing resumes soon.
OUTAGE_PAUSE_S: Final = 1.0
# How long a delivery is kept during an outage. Returning it counts against the broker's delivery limit, and an outage
# must not fill the dead-letter queues. RabbitMQ's consumer timeout is 30 minutes.
OUTAGE_HOLD_S: Final = 600.0

log = logs.get(__name__)


class Consumer:
    """Calls one handler for each event; every event takes effect exactly once."""

    def __init__(self, database: db.Database, handler: Handler) -> None:
        self._database = database
        self._handler = handler
        self._service = handler.queue.service
        self._kinds: dict[str, type[Event]] = {kind.type: kind for kind in handler.events}

    async def deliver(self, envelope: Envelope) -> Verdict:
        """Handle `envelope`; the verdict says what the transport does with it."""
        began_s = time.perf_counter()
        with logs.caused_by(correlation_id=envelope.correlation_id, causation_id=str(envelope.id)):
            verdict = await self._decode_and_handle(envelope)
        name = self._handler.queue.name
        metrics.EVENTS_HANDLED.labels(name, verdict).inc()
        metrics.HANDLER_SECONDS.labels(name).observe(time.perf_counter() - began_s)
        return verdict

    async def _decode_and_handle(self, envelope: Envelope) -> Verdict:
        try:
            event = self._kinds[envelope.type].model_validate_json(envelope.data)
        except (KeyError, ValidationError) as error:
            self._log_dead(envelope, error)
            return Verdict.DEAD
        return_at_s = time.monotonic() + OUTAGE_HOLD_S
        while True:
            failure = await self._try(envelope, event)
            if failure is None:
                return Verdict.DONE
            verdict = await self._after_failure(envelope, failure)
            if verdict is not None:
                return verdict
            if time.monotonic() > return_at_s:
                return Verdict.AGAIN

    async def _try(self, envelope: Envelope, event: Event) -> Exception | None:
        """One attempt; returns the error if it failed."""
        try:
            await self._handle_once(envelope, event)
        except Exception as error:
            return error
        except asyncio.CancelledError:
            if cancelled_by_caller():
                raise
            return InterruptedError("a cancellation that nobody requested")
        return None

    async def _handle_once(self, envelope: Envelope, event: Event) -> None:
        """The inbox row and the effect, in one transaction."""
        async with self._database.transaction(self._service) as session:
            if await inbox.claim(session, self._handler.queue.handler, envelope.id):
                await self._handler.handle(event, session)
            else:
                log.info("event_seen_before", handler=self._handler.queue.name, event_id=str(envelope.id))

    async def _after_failure(self, envelope: Envelope, error: Exception) -> Verdict | None:
        """Pause and return None to try again, or return the verdict that ends this delivery."""
        if db.is_outage(error):
            await self._wait_for_server(error)
            return None
        try:
            failures = await self._record_failure(envelope, error)
        except Exception as second_error:
            await self._wait_for_server(second_error)
            return None
        return await self._back_off(envelope, error, failures)

    async def _wait_for_server(self, error: Exception) -> None:
        log.warning("server_away", handler=self._handler.queue.name, reason=repr(error))
        metrics.HANDLER_OUTAGES.labels(self._handler.queue.name).inc()
        await asyncio.sleep(OUTAGE_PAUSE_S)

    async def _record_failure(self, envelope: Envelope, error: Exception) -> int:
        # The message may contain NUL, which PostgreSQL refuses, or a lone surrogate, which UTF-8 cannot encode.
        reason = f"{type(error).__name__}: {error}".replace("\x00", "").encode(errors="replace").decode()
        async with self._database.transaction(self._service) as session:
            return await inbox.record_failure(session, self._handler.queue.handler, envelope.id, reason)

    async def _back_off(self, envelope: Envelope, error: Exception, failures: int) -> Verdict | None:
        if failures > len(BACK_OFF_S):
            self._log_dead(envelope, error)
            return Verdict.DEAD
        log.warning("handler_failed", handler=self._handler.queue.name, failures=failures, reason=repr(error))
        await asyncio.sleep(BACK_OFF_S[failures - 1])
        return None

    def _log_dead(self, envelope: Envelope, error: Exception) -> None:
        log.error(
            "event_dead",
            handler=self._handler.queue.name,
            event_id=str(envelope.id),
            reason=repr(error),
            remedy=f"fix the cause, then run: pacewatch dead-letters redeliver {self._handler.queue.name}",
        )
