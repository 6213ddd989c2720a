"""HTTP to calls: what became of devices."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from pacewatch.contracts.base import MAX_INTEGER, Page, Problem
from pacewatch.contracts.outcomes import MAX_OUTCOMES_PER_REQUEST, OutcomeKind, OutcomeReport, outcome_model
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.outcomes import repository, service
from pacewatch.ingest.parsing import body_of
from pacewatch.ingest.replies import reply
from pacewatch.ingest.schemas import RefusedOutcomes, recorded_outcome_model
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.web import OutcomesWriter, Reader, array_body
from pacewatch.kit.http import PageNumber, PageSize, SessionDep

DeviceQuery = Annotated[int | None, Query(ge=0, le=MAX_INTEGER, description="only of this device")]
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": OutcomeReport, "description": "Recorded what was good and new"},
    422: {"model": RefusedOutcomes | Problem, "description": "No array of 1 to 2000 rows, or no valid row in it"},
}
KindQuery = Annotated[OutcomeKind | None, Query(description="only of this kind")]


def add_routes(router: APIRouter, profile: Profile, settings: IngestSettings) -> None:
    """Everything under `/outcomes`, in the words of `profile`."""
    body = array_body(outcome_model(profile), MAX_OUTCOMES_PER_REQUEST)
    recorded = recorded_outcome_model(profile)

    @router.post("/outcomes", responses=ANSWERS, openapi_extra=body)
    async def record_outcomes(request: Request, session: SessionDep, actor: OutcomesWriter) -> Response:
        """Record outcomes. A bad one is told and the rest is recorded; a known one once more is a duplicate."""
        content, tolerance_s = await body_of(request), settings.clock_tolerance_s
        return reply(await service.record(session, profile, tolerance_s, content, actor.name)).response()

    @router.get("/outcomes", response_model=Page[recorded])  # type: ignore[valid-type]
    async def list_outcomes(
        session: SessionDep,
        _: Reader,
        device: DeviceQuery = None,
        kind: KindQuery = None,
        page: PageNumber = 1,
        size: PageSize = 20,
    ) -> Any:
        """What is recorded, the latest to occur first."""
        rows, total = await repository.page(session, device, kind, page, size)
        items = [{**row, profile.device_field: row["device_id"]} for row in rows]
        return {"items": items, "total": total, "page": page, "size": size}
