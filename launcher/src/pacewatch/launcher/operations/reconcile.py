"""`pacewatch reconcile`: what every service published against what its consumers handled. Kit does the work."""

from collections import Counter
from dataclasses import asdict
from typing import Any, Final

from pacewatch.kit import clock
from pacewatch.kit.db import Database
from pacewatch.kit.messaging.reconcile import Again, publish_missing
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime.modules import create_modules

MAX_SHOWN: Final = 20


async def publish_missing_events(settings: KitSettings, *, dry_run: bool) -> dict[str, Any]:
    """Put every event that its handler has not handled into its outbox again: the running platform publishes it.

    Returns the counts by type, and the first events. `dry_run` changes nothing.
    """
    clock.apply_setting(settings.clock)
    database = Database(settings.database_url.get_secret_value(), read_only=dry_run)
    again = list[Again]()
    try:
        for module in create_modules("all", settings):
            for source in module.sources:
                again += await publish_missing(database, module.name, source, dry_run=dry_run)
    finally:
        await database.close()
    first = [asdict(one) | {"event_id": str(one.event_id)} for one in again[:MAX_SHOWN]]
    return {"dry_run": dry_run, "events": Counter(one.type for one in again), "first": first}
