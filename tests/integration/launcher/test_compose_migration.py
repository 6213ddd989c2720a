"""With the variables that compose.yaml gives it, `migrate` succeeds: every other container waits for it."""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.platform.accounts import drop_accounts
from support.platform.in_process import environment_variables

from pacewatch.kit.db import Database, asyncpg_url
from pacewatch.kit.keys import to_base64
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.operations.reconcile import publish_missing_events
from pacewatch.launcher.runtime.migrate import migrate_all
from pacewatch.launcher.runtime.modules import TARGETS, queues

pytestmark = pytest.mark.servers
COMPOSE = Path(__file__).parents[3] / "infra" / "compose" / "compose.yaml"


def public_key() -> str:
    return to_base64(Ed25519PrivateKey.generate().public_key().public_bytes_raw())


@pytest.fixture
async def variables(
    new_database: Callable[[], Awaitable[str]], amqp_url: str, tmp_path: Path
) -> AsyncIterator[dict[str, str]]:
    """Those of the container `migrate`, on the servers of the tests and with names that nobody else uses."""
    url, name, prefix = await new_database(), f"t{secrets.token_hex(4)}", f"t{secrets.token_hex(4)}."
    given = {f"PACEWATCH_{pair}_PUBLIC_KEY": public_key() for pair in ("TOKEN", "ARTIFACT")}

    def value(found: re.Match[str]) -> str:
        return given.get(found[1], found[2][1:] if found[2].startswith("-") else f"secret-{found[1].lower()}")

    composed = yaml.safe_load(re.sub(r"\$\{(\w+):(.*?)\}", value, COMPOSE.read_text()))
    reader = asyncpg_url(url).set(username=f"{name}_reader", password="secret")
    variables = composed["services"]["migrate"]["environment"] | {
        "PACEWATCH_DATABASE_URL": url,
        "PACEWATCH_TRAINER_DATABASE_URL": reader.render_as_string(hide_password=False),
        "PACEWATCH_AMQP_URL": amqp_url,
        "PACEWATCH_AMQP_API_URL": "",
        "PACEWATCH_AMQP_PREFIX": prefix,
        "PACEWATCH_ACCOUNTS": f"{name}_",
        "PACEWATCH_SECRETS_DIR": str(tmp_path / "no-secrets"),
    }
    yield {key: str(one) for key, one in variables.items()}
    await RabbitBus(amqp_url, queues(), prefix=prefix).delete_topology()
    await drop_accounts(url, f"{name}_")
    owner = await asyncpg.connect(url.replace("+asyncpg", ""))
    await owner.execute(f'DROP OWNED BY "{name}_reader"; DROP ROLE "{name}_reader"')
    await owner.close()


async def test_migrate_and_reconcile_need_no_signing_key(variables: dict[str, str], tmp_path: Path) -> None:
    with environment_variables(variables):
        settings = load(KitSettings)
        database = Database(settings.database_url.get_secret_value())
        try:
            assert await migrate_all(database, settings.profile) == [name.replace("-", "_") for name in TARGETS]
        finally:
            await database.close()
        assert (await publish_missing_events(settings, dry_run=True))["events"] == {}
    assert not list(tmp_path.rglob("*.key"))
