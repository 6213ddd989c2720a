"""The registry: stores every model, gates candidates, decides which model is active. Read this first."""

from functools import partial
from pathlib import Path

from fastapi import APIRouter

from pacewatch.contracts.profiles import by_name
from pacewatch.kit import blobs
from pacewatch.kit.module import Module, bind
from pacewatch.kit.settings import KitSettings, load
from pacewatch.registry import lost_events
from pacewatch.registry.handlers import HANDLERS
from pacewatch.registry.models import endpoints as models
from pacewatch.registry.models import mlflow_mirror
from pacewatch.registry.models.artifact_check import ArtifactChecker
from pacewatch.registry.models.judge import judge_candidates
from pacewatch.registry.pipelines import endpoints as pipelines
from pacewatch.registry.runs import endpoints as runs
from pacewatch.registry.runs.schedule import run_schedule
from pacewatch.registry.settings import RegistrySettings


def create_module(settings: KitSettings) -> Module:
    """The service; ConfigurationError if its settings or the artifact store's address are wrong."""
    own = load(RegistrySettings)
    checker = ArtifactChecker(
        blobs=blobs.open_store(settings.artifact_url),
        public_keys=settings.artifact_keys().public_keys(),
        profile=by_name(settings.profile),
        timeout_s=own.check_timeout_s,
    )
    router = APIRouter()
    own_runs = (runs.schedule_router(own), runs.router)
    for part in (models.router, models.activation_router(checker), *own_runs, pipelines.router):
        router.include_router(part)
    return Module(
        name="registry",
        migrations=Path(__file__).parents[3] / "migrations",
        router=router,
        handlers=bind("registry", HANDLERS),
        loops={
            "judge": partial(judge_candidates, checker=checker, settings=own),
            "schedule": partial(run_schedule, settings=own),
            "mlflow": partial(mlflow_mirror.mirror, profile=settings.profile),
        },
        sources=lost_events.SOURCES,
    )
