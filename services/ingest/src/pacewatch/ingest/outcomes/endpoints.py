"""HTTP endpoints of outcomes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from pacewatch.contracts.base import Page, Paging, Problem
from pacewatch.contracts.outcomes import (
    MAX_OUTCOMES_PER_REQUEST,
    OutcomeKind,
    OutcomeReport,
    correction_model,
    outcome_model,
)
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.outcomes import repository, service
from pacewatch.ingest.outcomes.schemas import RefusedOutcomes, outcome_history_model, recorded_outcome_model
from pacewatch.ingest.outcomes.service import RecordingRules
from pacewatch.ingest.replies import reply
from pacewatch.ingest.senders.bound_keys import BoundKey
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.web import BoundOutcomesWriter, OutcomesWriter, Reader, array_body, body_of
from pacewatch.kit.db import Session
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, takes_body
from pacewatch.kit.http.tables import CSV_RESPONSES, FormatQuery, ListFormat, page_or_table
from pacewatch.kit.tables.device_names import DeviceText, id_of, with_names

DeviceQuery = Annotated[DeviceText | None, Query(description="only of this device")]
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": OutcomeReport, "description": "Recorded the outcomes that are valid and new"},
    422: {"model": RefusedOutcomes | Problem, "description": "Not an array of 1 to 2000 rows, or no row is valid"},
}
KindQuery = Annotated[OutcomeKind | None, Query(description="only of this kind")]
HistoryQuery = Annotated[bool, Query(description="also outcomes that were corrected or withdrawn")]


def add_routes(router: APIRouter, profile: Profile, settings: IngestSettings) -> None:
    """Add the routes under `/outcomes`, with the fields of `profile`."""
    rules = RecordingRules(profile, settings.clock_tolerance_s)
    _add_recording(router, rules)
    _add_reading(router, profile)
    _add_correcting(router, rules)


def _add_recording(router: APIRouter, rules: RecordingRules) -> None:
    body = array_body(outcome_model(rules.profile), MAX_OUTCOMES_PER_REQUEST)

    @router.post("/outcomes", responses=RESPONSES, openapi_extra=body)
    @takes_body()
    async def record_outcomes(request: Request, session: SessionDep, actor: BoundOutcomesWriter) -> Response:
        """Record outcomes. Invalid ones are reported, all others recorded; a repeated outcome is a duplicate."""
        body = await body_of(request.stream())
        return reply(await service.record(session, rules, body, actor.name, BoundKey.of(request, actor))).response()


def _add_reading(router: APIRouter, profile: Profile) -> None:
    recorded, with_history = recorded_outcome_model(profile), outcome_history_model(profile)

    @router.get("/outcomes", response_model=Page[recorded], responses=CSV_RESPONSES)  # type: ignore[valid-type]
    async def list_outcomes(
        session: SessionDep,
        _: Reader,
        paging: PagingDep,
        device_id: DeviceQuery = None,
        kind: KindQuery = None,
        history: HistoryQuery = False,
        table: FormatQuery = ListFormat.JSON,
    ) -> Any:
        """List outcomes, the latest to occur first."""
        device = None if device_id is None else await id_of(session, device_id)

        async def read(paging: Paging) -> Page[Any]:
            rows, total = await repository.page(session, device, kind, history, paging)
            return Page.of(await _to_responses(session, profile, rows), total, paging)

        return await page_or_table(table, paging, read, recorded, name="outcomes", spread={})

    @router.get("/outcomes/{outcome_id}", response_model=with_history)
    async def get_outcome(session: SessionDep, _: Reader, outcome_id: UUID) -> Any:
        """Get one outcome from its report to its last correction, with actors, times and reasons."""
        return {"history": await _to_responses(session, profile, await service.history(session, outcome_id))}


def _add_correcting(router: APIRouter, rules: RecordingRules) -> None:
    recorded, correction_body = recorded_outcome_model(rules.profile), correction_model(rules.profile)

    @router.post("/outcomes/{outcome_id}/corrections", status_code=201, response_model=recorded)
    async def correct_outcome(
        session: SessionDep,
        actor: OutcomesWriter,
        outcome_id: UUID,
        correction: correction_body,  # type: ignore[valid-type]
    ) -> Any:
        """Replace a wrong outcome, or withdraw it; the wrong one stays on record.

        The next update of labels applies it. 409 if this outcome was corrected already.
        """
        right = await service.correct(session, rules, outcome_id, correction, actor.name)
        return (await _to_responses(session, rules.profile, [right]))[0]


async def _to_responses(session: Session, profile: Profile, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, profile.device_field: row["device_id"]} for row in await with_names(session, rows)]
