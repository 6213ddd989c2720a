"""Migrate the schema of every service, and give every service and the trainer's read-only role their rights."""

from collections.abc import Iterable

from pacewatch.contracts.profiles import by_name
from pacewatch.kit import logs, migrate
from pacewatch.kit.accounts import Accounts
from pacewatch.kit.db import Database
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.runtime import broker_accounts, readonly_role, roles, service_roles
from pacewatch.launcher.runtime.modules import create_modules, queues
from pacewatch.launcher.runtime.rights import rights
from pacewatch.trainer_agent.settings import TrainerSettings

log = logs.get(__name__)


async def migrate_all(database: Database, profile: str, target: str = "all") -> list[str]:
    """Migrate the schemas of `target`'s modules. Returns their names. A second call changes nothing."""
    settings = load(KitSettings)
    modules = create_modules(target, settings)
    for module in modules:
        await migrate.upgrade(database, module.name, module.migrations, profile=by_name(profile))
    await _close_functions(database, [module.name for module in modules])
    if role_url := load(TrainerSettings).database_url.get_secret_value():
        await readonly_role.grant(database, role_url)
    if accounts := checked_accounts(settings):
        await service_roles.grant(database, accounts, rights())
        await _prepare_broker(settings, accounts)
    return [module.name for module in modules]


async def _close_functions(database: Database, schemas: Iterable[str]) -> None:
    """Let nobody call our functions but who is granted it: PostgreSQL lets everybody, also after a restore."""
    async with database.transaction("launcher") as session:
        await roles.lock(session)
        for schema in schemas:
            await roles.run(session, "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA %I FROM PUBLIC", schema)


def checked_accounts(settings: KitSettings) -> Accounts | None:
    """The accounts of the services, if they have any; ConfigurationError if a password is for nobody."""
    accounts = settings.service_accounts()
    unknown = set(accounts.passwords if accounts else ()) - {one.service for one in rights()}
    if unknown:
        raise ConfigurationError(f"PACEWATCH_ACCOUNT_PASSWORDS: there is no service {', '.join(sorted(unknown))}")
    return accounts


async def _prepare_broker(settings: KitSettings, accounts: Accounts) -> None:
    """Declare the queues, since the services may not, and make their accounts."""
    url, api_url = settings.amqp_url.get_secret_value(), settings.amqp_api_url.get_secret_value()
    if not url:
        return
    await RabbitBus(url, queues(), prefix=settings.amqp_prefix).declare_topology()
    if api_url:
        await broker_accounts.upload(
            api_url, broker_accounts.definitions(rights(), accounts, url, settings.amqp_prefix)
        )
    else:
        remedy = "set PACEWATCH_AMQP_API_URL, or run: pacewatch broker-accounts | rabbitmqctl import_definitions"
        log.warning("broker_accounts_not_made", reason="no management API is set", remedy=remedy)
