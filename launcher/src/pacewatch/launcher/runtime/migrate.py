"""Migrate the schema of every service, and grant the trainer's read-only role its views."""

from pacewatch.contracts.profiles import by_name
from pacewatch.kit import migrate
from pacewatch.kit.db import Database
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.runtime import readonly_role
from pacewatch.launcher.runtime.modules import create_modules
from pacewatch.trainer_agent.settings import TrainerSettings


async def migrate_all(database: Database, profile: str, target: str = "all") -> list[str]:
    """Migrate the schemas of `target`'s modules. Returns their names. A second call changes nothing."""
    modules = create_modules(target, load(KitSettings))
    for module in modules:
        await migrate.upgrade(database, module.name, module.migrations, profile=by_name(profile))
    if role_url := load(TrainerSettings).database_url.get_secret_value():
        await readonly_role.grant(database, role_url)
    return [module.name for module in modules]
