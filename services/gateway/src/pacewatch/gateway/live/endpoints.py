"""The live stream, and what the dashboard asks first: profile and clock."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import MAX_INTEGER
from pacewatch.contracts.profile import Profile
from pacewatch.gateway.live import repository as live_events
from pacewatch.gateway.live.stream import stream
from pacewatch.gateway.live.tailer import Tailer
from pacewatch.gateway.schemas import ClockView, ProfileView, Recent
from pacewatch.kit import clock
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.routing import SessionDep

Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]
Seq = Annotated[int | None, Query(ge=0, le=MAX_INTEGER, description="go on after this event")]
SeqHeader = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=MAX_INTEGER)]
_EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "id: seq, event: type, data: JSON"}
}


def add_live_routes(router: APIRouter, tailer: Tailer) -> None:
    """live, live/recent."""

    @router.get("/live", response_class=StreamingResponse, responses=_EVENT_STREAM)
    async def live(
        request: Request, session: SessionDep, actor: Reader, resume: SeqHeader = None, last_event_id: Seq = None
    ) -> StreamingResponse:
        """Everything that happens, from now on or after a given event, until the token runs out."""
        state = request.app.state
        begin = await _beginning(session, resume if resume is not None else last_event_id)
        frames = stream(tailer, state.database, after=begin, expires_at=actor.expires_at, stopping=state.stopping)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(frames, media_type="text/event-stream", headers=headers)

    @router.get("/live/recent")
    async def recent(session: SessionDep, _actor: Reader, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> Recent:
        """The last events, newest first."""
        items = await live_events.recent(session, limit)
        return Recent(items=items, last_seq=items[0].seq if items else 0)


async def _beginning(session: SessionDep, asked: int | None) -> int:
    """Where to begin; a number from the future is from another life of this database, and begins now."""
    newest = await live_events.newest(session)
    return newest if asked is None else min(asked, newest)


def add_fleet_routes(router: APIRouter, profile: Profile) -> None:
    """profile, clock."""
    view = ProfileView.model_validate(asdict(profile))

    @router.get("/profile")
    async def get_profile(_actor: Reader) -> ProfileView:
        """The kind of device this deployment watches."""
        return view

    @router.get("/clock")
    async def get_clock(_actor: Reader) -> ClockView:
        """Fleet time beside wall time."""
        now = clock.now()
        return ClockView(fleet_time=now, fleet_time_s=now.timestamp(), speed=clock.speed(), wall_time=datetime.now(UTC))
