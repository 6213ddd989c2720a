"""The views of other services that the trainer reads, and its read-only connection to them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings
from pacewatch.trainer_agent.settings import TrainerSettings

READINGS: Final = "ingest.labelled_readings"
FAILURES: Final = "ingest.failures"
ATTRIBUTES: Final = "ingest.device_attributes"
ACTIVE_ARTIFACT: Final = "registry.active_artifact"

VIEWS: Final = (READINGS, FAILURES, ATTRIBUTES, ACTIVE_ARTIFACT)
"""`pacewatch migrate` lets the read-only role, and the account of this service, read these."""


@asynccontextmanager
async def open_readonly(kit: KitSettings, own: TrainerSettings) -> AsyncIterator[Database]:
    """A read-only connection, with the role set for it, or else with the role of the service."""
    url = own.database_url.get_secret_value() or kit.database_url_of("trainer_agent")
    source = Database(url, pool_size=1, read_only=True)
    try:
        yield source
    finally:
        await source.close()
