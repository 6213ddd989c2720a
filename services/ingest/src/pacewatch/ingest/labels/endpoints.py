"""HTTP endpoints of labels."""

from fastapi import APIRouter

from pacewatch.contracts.profile import Profile
from pacewatch.ingest.labels import service
from pacewatch.ingest.labels.schemas import LabelsMoved, LabelSummary
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.web import OutcomesWriter, Reader
from pacewatch.kit import clock
from pacewatch.kit.db import allow_long
from pacewatch.kit.http.routing import SessionDep


def add_routes(router: APIRouter, profile: Profile, settings: IngestSettings) -> None:
    """Add the routes under `/labels`."""

    @router.post("/labels/mature")
    async def mature_labels(session: SessionDep, _: OutcomesWriter) -> LabelsMoved:
        """Update labels now, without waiting for the schedule; repeating it is safe."""
        await allow_long(session)  # the first update of a loaded history takes a minute
        return await service.mature(session, profile, settings, int(clock.now_s()))

    @router.get("/labels/summary")
    async def get_label_summary(session: SessionDep, _: Reader) -> LabelSummary:
        """Count readings by label."""
        return await service.summary(session)
