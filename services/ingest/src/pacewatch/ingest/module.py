"""The ingest service: stores telemetry and outcomes, each once, and derives labels from them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from pacewatch.contracts.profiles import by_name
from pacewatch.ingest import loops, lost_events
from pacewatch.ingest.connectivity import endpoints as connectivity
from pacewatch.ingest.labels import endpoints as labels
from pacewatch.ingest.outcomes import endpoints as outcomes
from pacewatch.ingest.parser.client import Parser
from pacewatch.ingest.register import endpoints as register
from pacewatch.ingest.register import events as register_events
from pacewatch.ingest.senders.quotas import Quotas
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry import endpoints as telemetry
from pacewatch.ingest.uploads import endpoints as uploads
from pacewatch.ingest.uploads.worker import work_uploads
from pacewatch.kit import settings as kit_settings
from pacewatch.kit.http.routing import service_router
from pacewatch.kit.module import Module, Resources
from pacewatch.kit.settings import KitSettings


def create_module(settings: KitSettings) -> Module:
    """The service for the profile of this deployment; it handles no events."""
    own = kit_settings.load(IngestSettings)
    profile = by_name(settings.profile)
    parser, quotas = Parser(profile, own), Quotas(own)
    router = service_router("ingest")
    telemetry.add_routes(router, profile, quotas, parser.check_body)
    for endpoints in (outcomes, labels, connectivity, register):
        endpoints.add_routes(router, profile, own)
    uploads.add_routes(router, own, quotas)
    return Module(
        name="ingest",
        migrations=Path(__file__).parents[3] / "migrations",
        router=router,
        loops={
            "mature_daily": loops.mature_daily(profile, own),
            "watch_connectivity": loops.watch_connectivity(profile, own),
            "keep_partitions": loops.keep_partitions,
            "add_up": loops.sum_audit,
            "share_quotas": quotas.share,
            "work_uploads": work_uploads(profile, own, quotas, parser.open_file),
        },
        lifespan=partial(_lifespan, parser=parser),
        sources=(lost_events.source(profile), register_events.SOURCE),
    )


@asynccontextmanager
async def _lifespan(_resources: Resources, parser: Parser) -> AsyncIterator[None]:
    """Ends the parser's processes with the service."""
    try:
        yield
    finally:
        parser.close()
