"""Inference: scores every reading with the active model, stores each device's risk, opens and closes episodes."""

from functools import partial
from pathlib import Path

from pacewatch.contracts.profiles import by_name
from pacewatch.inference.alerts import lost_events
from pacewatch.inference.handlers import HANDLERS
from pacewatch.inference.jobs import prune, rescore
from pacewatch.inference.models import readiness
from pacewatch.inference.models.loader import ModelLoader
from pacewatch.inference.risk.endpoints import create_router
from pacewatch.inference.service import Inference
from pacewatch.inference.settings import InferenceSettings
from pacewatch.inference.windows.cache import WindowCache
from pacewatch.kit.blobs import open_store
from pacewatch.kit.module import Module, bind
from pacewatch.kit.settings import KitSettings, load

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def create_module(settings: KitSettings) -> Module:
    """The service; ConfigurationError if its settings or the URL of the artifact store are wrong."""
    inference = create_inference(settings)
    return Module(
        name="inference",
        migrations=MIGRATIONS,
        router=create_router(inference),
        handlers=bind("inference", HANDLERS, inference=inference),
        loops={
            "rescore": partial(rescore.run, inference=inference),
            "prune": partial(prune.run, inference=inference),
        },
        sources=lost_events.SOURCES,
        checks={"model": partial(readiness.check, models=inference.models)},
    )


def create_inference(settings: KitSettings) -> Inference:
    """What scoring needs beside the database; ConfigurationError as in `create_module`."""
    own = load(InferenceSettings)
    profile = by_name(settings.profile)
    blobs, public_keys = open_store(settings.artifact_url), settings.artifact_keys().public_keys()
    models = ModelLoader(profile, blobs, public_keys, retry_s=own.retry_refused_s)
    return Inference(profile, own, models, WindowCache(own.cache_mib * 2**20))
