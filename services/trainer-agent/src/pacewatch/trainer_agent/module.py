"""The trainer agent: claims training runs, pulls labelled readings, trains, publishes candidates. Start here."""

from functools import partial
from pathlib import Path

from pacewatch.kit.module import Module, bind
from pacewatch.kit.settings import KitSettings, load
from pacewatch.trainer_agent.handlers import HANDLERS
from pacewatch.trainer_agent.runs.worker import work
from pacewatch.trainer_agent.settings import TrainerSettings

MIGRATIONS = Path(__file__).parents[3] / "migrations"


def create_module(settings: KitSettings) -> Module:
    """The trainer agent, configured from the environment."""
    own = load(TrainerSettings)
    return Module(
        name="trainer_agent",
        migrations=MIGRATIONS,
        handlers=bind("trainer_agent", HANDLERS),
        loops={"work": partial(work, kit=settings, own=own)},
        signs_with=(settings.artifact_keys(),),
    )
