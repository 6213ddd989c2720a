"""Keeps a process' token verifier informed of revoked API keys. Every process of the platform runs this loop."""

from typing import Final

from pacewatch.gateway.api_keys import repository
from pacewatch.kit.http.auth import Verifier
from pacewatch.kit.module import Resources

# How long a process can still accept a revoked key when the NOTIFY was lost.
POLL_S: Final = 5.0


async def refuse_revoked_keys(resources: Resources, verifier: Verifier) -> None:
    """Give `verifier` the ids of revoked keys, until cancelled."""
    wakeup = resources.wakeups.subscribe(repository.REVOCATION_CHANNEL)
    while True:
        async with resources.database.transaction("gateway") as session:
            verifier.set_revoked(map(str, await repository.revoked_ids(session)))
        await wakeup.wait(POLL_S)
