"""HTTP endpoint of connectivity."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from pacewatch.contracts.devices import LinkState
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.connectivity import service
from pacewatch.ingest.connectivity.schemas import connectivity_model
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.web import Reader
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep
from pacewatch.kit.tables.device_names import with_names

StateQuery = Annotated[LinkState | None, Query(description="only devices in this state")]


def add_routes(router: APIRouter, profile: Profile, settings: IngestSettings) -> None:
    """Add the route `/connectivity`, with the fields of `profile`."""
    limits = service.SilenceLimits.of(profile, settings)

    @router.get("/connectivity", response_model=connectivity_model(profile))
    async def list_connectivity(session: SessionDep, _: Reader, paging: PagingDep, state: StateQuery = None) -> Any:
        """List devices by connectivity, the longest silent first, without failed, explanted and lost ones."""
        overview = await service.overview(session, limits, state, paging)
        named = await with_names(session, overview["items"])
        items = [{**item, profile.device_field: item["device_id"]} for item in named]
        return {**overview, "items": items}
