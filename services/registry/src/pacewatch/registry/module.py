"""The registry: knows every model, gates candidates, decides which one is active. Read this first."""

from functools import partial
from pathlib import Path

from pacewatch.contracts.profiles import by_name
from pacewatch.kit import blobs
from pacewatch.kit.module import Module, bind
from pacewatch.kit.settings import KitSettings, load
from pacewatch.registry.handlers import HANDLERS
from pacewatch.registry.models import endpoints
from pacewatch.registry.models.examination import Examiner
from pacewatch.registry.models.judge import judge
from pacewatch.registry.runs.schedule import schedule
from pacewatch.registry.settings import RegistrySettings


def create_module(settings: KitSettings) -> Module:
    """The registry, set from the environment."""
    own = load(RegistrySettings)
    examiner = Examiner(
        blobs=blobs.open_store(settings.artifact_url),
        public_key=settings.artifact_keys().public(),
        profile=by_name(settings.profile),
        timeout_s=own.check_timeout_s,
    )
    return Module(
        name="registry",
        migrations=Path(__file__).parents[3] / "migrations",
        router=endpoints.router,
        handlers=bind("registry", HANDLERS),
        loops={
            "judge": partial(judge, examiner=examiner, settings=own),
            "schedule": partial(schedule, settings=own),
        },
    )
