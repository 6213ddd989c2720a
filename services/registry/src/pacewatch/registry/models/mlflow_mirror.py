"""The gate's verdicts, reasons and the active model in MLflow, beside the copies of runs that the trainer sent.

A loop compares what should be there with what is, so it also catches up after an outage of the server, and a version
that the trainer registers late gets its verdict then.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pacewatch.contracts.base import Paging
from pacewatch.contracts.models import Model
from pacewatch.kit.module import Resources
from pacewatch.kit.tracking import server as tracking
from pacewatch.registry.models import service

EVERY_S: Final = 15.0
LONGEST_S: Final = 30.0
# Older versions keep the verdict that they got while they were new.
NEWEST: Final = 50
_MOST_CHARS: Final = 4_900


@dataclass(frozen=True, slots=True)
class Wanted:
    """What MLflow should say: the tags of each version, by our version, and the active one."""

    name: str
    tags: Mapping[str, Mapping[str, str]]
    champion: str | None


async def mirror(resources: Resources, profile: str) -> None:
    """Bring MLflow up to date every `EVERY_S`, if a server is set; until cancelled."""
    while tracking.is_set():
        async with resources.database.transaction("registry") as session:
            models, _ = await service.list_models(session, Paging(1, NEWEST), include_deleted=True)
        wanted = wanted_of(profile, models)
        await asyncio.to_thread(tracking.send, "verdicts", partial(bring_up_to_date, wanted), LONGEST_S)
        await asyncio.sleep(EVERY_S)
    await asyncio.Event().wait()


def wanted_of(profile: str, models: Sequence[Model]) -> Wanted:
    """What MLflow should say of these versions."""
    champion = next((model.version for model in models if model.active), None)
    return Wanted(tracking.registered_name(profile), {model.version: _tags(model) for model in models}, champion)


def _tags(model: Model) -> dict[str, str]:
    gate = json.dumps([result.model_dump(mode="json") for result in model.gate])
    return {
        "pacewatch.status": model.status,
        "pacewatch.verdict": model.judgement.verdict,
        "pacewatch.reason": model.reason[:_MOST_CHARS],
        "pacewatch.gate": gate[:_MOST_CHARS],
    }


def bring_up_to_date(wanted: Wanted, mlflow: Any) -> None:
    """Write the tags that differ to versions and their runs, and point the alias `champion` to the active version."""
    client = mlflow.MlflowClient()
    found = client.search_model_versions(f"name='{wanted.name}'", max_results=4 * NEWEST)
    ours = {one.tags.get(tracking.VERSION_TAG, ""): one for one in found}
    for version, tags in wanted.tags.items():
        if (one := ours.get(version)) is None:
            continue
        for key, value in tags.items():
            if one.tags.get(key, "") != value:
                client.set_model_version_tag(wanted.name, one.version, key, value)
                client.set_tag(one.run_id, key, value)
    champion = ours.get(wanted.champion or "")
    if champion is not None and tracking.CHAMPION not in champion.aliases:
        client.set_registered_model_alias(wanted.name, tracking.CHAMPION, champion.version)
