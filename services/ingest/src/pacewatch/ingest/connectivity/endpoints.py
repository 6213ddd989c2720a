"""HTTP to calls: which devices are heard from."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from pacewatch.contracts.connectivity import LinkState
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.connectivity import service
from pacewatch.ingest.schemas import connectivity_model
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.web import Reader
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep

StateQuery = Annotated[LinkState | None, Query(description="only devices in this state")]


def add_routes(router: APIRouter, profile: Profile, settings: IngestSettings) -> None:
    """`/connectivity`, in the words of `profile`."""
    patience = service.Patience.of(profile, settings)

    @router.get("/connectivity", response_model=connectivity_model(profile))
    async def list_connectivity(session: SessionDep, _: Reader, paging: PagingDep, state: StateQuery = None) -> Any:
        """Devices that send, by how long they are silent, the longest first; explanted and lost ones are left out."""
        told = await service.overview(session, patience, state, paging)
        items = [{**item, profile.device_field: item["device_id"]} for item in told["items"]]
        return {**told, "items": items}
