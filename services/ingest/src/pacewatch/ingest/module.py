"""The ingest service: stores telemetry and outcomes, each once, and derives labels from them."""

from pathlib import Path

from pacewatch.contracts.profiles import by_name
from pacewatch.ingest import loops
from pacewatch.ingest.connectivity import endpoints as connectivity
from pacewatch.ingest.labels import endpoints as labels
from pacewatch.ingest.outcomes import endpoints as outcomes
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.telemetry import endpoints as telemetry
from pacewatch.ingest.uploads import endpoints as uploads
from pacewatch.ingest.uploads.worker import work_uploads
from pacewatch.kit import settings as kit_settings
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.http.routing import service_router
from pacewatch.kit.module import Module
from pacewatch.kit.settings import KitSettings


def create_module(settings: KitSettings) -> Module:
    """The service for the profile of this deployment; it handles no events."""
    own = kit_settings.load(IngestSettings)
    try:
        profile = by_name(settings.profile)
    except LookupError as error:
        raise ConfigurationError(f"PACEWATCH_PROFILE: {error.args[0]}") from None
    router = service_router("ingest")
    for endpoints in (telemetry, outcomes, labels, connectivity):
        endpoints.add_routes(router, profile, own)
    uploads.add_routes(router, own)
    return Module(
        name="ingest",
        migrations=Path(__file__).parents[3] / "migrations",
        router=router,
        loops={
            "mature_daily": loops.mature_daily(profile, own),
            "watch_connectivity": loops.watch_connectivity(profile, own),
            "keep_partitions": loops.keep_partitions,
            "add_up": loops.sum_audit,
            "work_uploads": work_uploads(profile, own),
        },
        unlimited_paths=frozenset({uploads.PATH}),
    )
