"""The live stream of events over HTTP, and the latest events as a list."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import MAX_INTEGER
from pacewatch.gateway.live import repository as live_events
from pacewatch.gateway.live.schemas import Recent
from pacewatch.gateway.live.stream import CountedStream, OpenStreams, Reading, stream
from pacewatch.gateway.live.tailer import Tailer
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.routing import SessionDep

Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]
LastEventId = Annotated[int | None, Query(ge=0, le=MAX_INTEGER, description="continue after this event")]
LastEventIdHeader = Annotated[
    int | None, Header(alias="Last-Event-ID", ge=0, le=MAX_INTEGER, description="the same, as browsers send it")
]
Limit = Annotated[int, Query(ge=1, le=500, description="the most events")]
EPOCH: Final = "Stream-Epoch"
AFTER: Final = "Stream-After"
_EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {}},
        "description": "id: seq, event: type, data: JSON",
        "headers": {
            EPOCH: {"schema": {"type": "string"}, "description": "as in live/recent: if it is another, start over"},
            AFTER: {"schema": {"type": "integer"}, "description": "the event after which this stream continues"},
        },
    }
}


def add_routes(router: APIRouter, tailer: Tailer, streams: OpenStreams) -> None:
    """live, live/recent."""

    @router.get("/live", response_class=StreamingResponse, responses=_EVENT_STREAM)
    async def stream_events(
        request: Request,
        session: SessionDep,
        actor: Reader,
        resume: LastEventIdHeader = None,
        last_event_id: LastEventId = None,
    ) -> StreamingResponse:
        """Every event, from now on or after a given one, until the token expires, or a backup is restored."""
        state = request.app.state
        after = await _start_after(session, resume if resume is not None else last_event_id)
        frames = stream(tailer, state.database, after, Reading(state.verifier, actor, state.stopping))
        position = {EPOCH: await live_events.epoch(session), AFTER: str(after)}
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", **position}
        return CountedStream(streams, actor.name, frames, headers)

    @router.get("/live/recent")
    async def list_recent_events(session: SessionDep, _actor: Reader, limit: Limit = 50) -> Recent:
        """The latest events, newest first."""
        items = await live_events.list_recent(session, limit)
        epoch = await live_events.epoch(session)
        return Recent(items=items, last_seq=items[0].seq if items else 0, epoch=epoch)


async def _start_after(session: SessionDep, requested_seq: int | None) -> int:
    """The number after which to start. One that is too high comes from an earlier database and means from now on."""
    newest = await live_events.newest_seq(session)
    return newest if requested_seq is None else min(requested_seq, newest)
