"""What the trainer reads of other services, all of it, and as whom: a role that can do nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings
from pacewatch.trainer_agent.settings import TrainerSettings

READINGS: Final = "ingest.labelled_readings"
FAILURES: Final = "ingest.failures"
ACTIVE_ARTIFACT: Final = "registry.active_artifact"

VIEWS: Final = (READINGS, FAILURES, ACTIVE_ARTIFACT)
"""`pacewatch migrate` lets the reading role see these."""


@asynccontextmanager
async def opened(kit: KitSettings, own: TrainerSettings) -> AsyncIterator[Database]:
    """A connection that reads: with the role that is set for it, else with the service's own, held to reading."""
    url = own.database_url.get_secret_value() or kit.database_url.get_secret_value()
    source = Database(url, pool_size=1, read_only=True)
    try:
        yield source
    finally:
        await source.close()
