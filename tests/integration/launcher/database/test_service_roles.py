"""Each service has a PostgreSQL role with the rights that `rights` declares, and no others."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from servers.own import OwnPostgres
from support.platform.accounts import drop_accounts
from support.platform.in_process import environment_variables

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest import partitions
from pacewatch.kit.accounts import Accounts
from pacewatch.kit.db import Database, asyncpg_url
from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.messaging import inbox, restore
from pacewatch.kit.settings import KitSettings, load
from pacewatch.launcher.runtime import service_roles
from pacewatch.launcher.runtime.migrate import migrate_all
from pacewatch.launcher.runtime.modules import TARGETS, create_modules
from pacewatch.launcher.runtime.rights import rights

SERVICES = [one.service for one in rights()]
KINDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
REFUSED = asyncpg.InsufficientPrivilegeError


@dataclass(frozen=True)
class Deployment:
    """A migrated platform whose services have roles, and its owner's connection."""

    owner: asyncpg.Connection
    database: Database
    settings: KitSettings

    @property
    def accounts(self) -> Accounts:
        accounts = self.settings.service_accounts()
        assert accounts is not None
        return accounts

    @asynccontextmanager
    async def connected_as(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(plain(self.settings.database_url_of(service)))
        yield connection
        await connection.close()


def plain(url: str) -> str:
    return asyncpg_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accounts")


@pytest.fixture(scope="module")
def variables(folder: Path) -> Iterator[Mapping[str, str]]:
    with environment_variables(
        {"PACEWATCH_SECRETS_DIR": str(folder), "PACEWATCH_ACCOUNTS": f"t{secrets.token_hex(4)}_"}
    ):
        yield {}


@pytest.fixture(scope="module")
async def deployment(
    new_database: Callable[[], Awaitable[str]], variables: Mapping[str, str]
) -> AsyncIterator[Deployment]:
    url = await new_database()
    owner = await asyncpg.connect(plain(url))
    if not await owner.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        pytest.skip("the PostgreSQL user of the tests must be a superuser")
    with environment_variables({"PACEWATCH_DATABASE_URL": url}):
        settings = load(KitSettings)
        database = Database(url)
        await migrate_all(database, PACEMAKER.name)
    deployment = Deployment(owner, database, settings)
    yield deployment
    await database.close()
    await drop_accounts(url, settings.accounts)
    await owner.close()


async def test_each_role_has_exactly_the_declared_rights_on_every_table(deployment: Deployment) -> None:
    tables = await deployment.owner.fetch(
        "SELECT n.nspname AS schema, n.nspname || '.' || c.relname AS name FROM pg_class AS c "
        "JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p', 'v')",
        SERVICES,
    )
    assert len(tables) > 40
    for one in rights():
        role = deployment.accounts.name(one.service)
        for schema, name in tables:
            expected = set(KINDS[:4]) if schema == one.service else set()
            if name == f"{one.service}.alembic_version" or one.reads.get(name) == ():
                expected = {"SELECT"}
            query = "SELECT kind FROM unnest($1::text[]) AS kind WHERE has_table_privilege($2, $3, kind)"
            found = {kind for (kind,) in await deployment.owner.fetch(query, KINDS, role, name)}
            assert (role, name, found) == (role, name, expected)


async def test_each_role_has_exactly_the_declared_rights_on_single_columns(deployment: Deployment) -> None:
    query = """
        SELECT n.nspname || '.' || c.relname AS name, a.attname AS column FROM pg_attribute AS a
        JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY($1) AND n.nspname <> $2 AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0
        AND NOT has_table_privilege($3, c.oid, 'SELECT')
        AND has_column_privilege($3, c.oid, a.attnum, 'SELECT, INSERT, UPDATE, REFERENCES')
    """
    for one in rights():
        rows = await deployment.owner.fetch(query, SERVICES, one.service, deployment.accounts.name(one.service))
        declared = {(table, column) for table, columns in one.reads.items() for column in columns}
        assert {tuple(row) for row in rows} == declared


async def test_each_role_may_use_and_read_the_sequences_of_its_own_schema_alone(deployment: Deployment) -> None:
    query = "SELECT schemaname, schemaname || '.' || sequencename FROM pg_sequences WHERE schemaname = ANY($1)"
    sequences = await deployment.owner.fetch(query, SERVICES)
    assert {schema for schema, _ in sequences} >= {"ingest", "inference", "gateway"}
    for service in SERVICES:
        for schema, name in sequences:
            query = "SELECT kind FROM unnest($1::text[]) AS kind WHERE has_sequence_privilege($2, $3, kind)"
            kinds, role = ("USAGE", "SELECT", "UPDATE"), deployment.accounts.name(service)
            found = {kind for (kind,) in await deployment.owner.fetch(query, kinds, role, name)}
            assert (service, name, found) == (service, name, {"USAGE", "SELECT"} if schema == service else set())


async def test_no_role_is_an_administrator_or_member_of_another(deployment: Deployment) -> None:
    roles = [deployment.accounts.name(service) for service in SERVICES]
    rows = await deployment.owner.fetch(
        "SELECT rolname, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS more, "
        "EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS member, rolcanlogin "
        "FROM pg_roles AS r WHERE rolname = ANY($1)",
        roles,
    )
    assert sorted(map(tuple, rows)) == [(role, False, False, True) for role in sorted(roles)]


@pytest.mark.parametrize(
    ("service", "statement"),
    [
        ("notifier", "SELECT * FROM gateway.users"),
        ("notifier", "SELECT name FROM gateway.api_keys"),
        ("notifier", "UPDATE gateway.api_keys SET revoked_at = NULL"),
        ("notifier", "SELECT * FROM gateway.security_events"),
        ("notifier", "SELECT * FROM inference.inbox"),
        ("ingest", "SELECT last_error FROM inference.inbox"),
        ("ingest", "DELETE FROM inference.inbox"),
        ("notifier", "INSERT INTO registry.outbox SELECT * FROM notifier.outbox"),
        ("inference", "SELECT * FROM ingest.readings"),
        ("gateway", "SELECT * FROM notifier.deliveries"),
        ("trainer_agent", "SELECT * FROM ingest.readings"),
        ("trainer_agent", "SELECT ingest.create_partition(2099)"),
        ("ingest", "CREATE TABLE ingest.mine (a int)"),
        ("ingest", "DROP TABLE ingest.readings"),
        ("ingest", "TRUNCATE ingest.batches"),
        ("ingest", "UPDATE ingest.alembic_version SET version_num = '0001'"),
        ("ingest", "CREATE TEMPORARY TABLE mine (a int)"),
        ("notifier", "SELECT lo_create(0)"),
        ("notifier", "SELECT lo_creat(-1)"),
        ("gateway", "SELECT lo_from_bytea(0, 'x')"),
        ("registry", "CREATE SCHEMA mine"),
        ("registry", "CREATE ROLE mine"),
        ("registry", "COPY registry.models TO PROGRAM 'cat'"),
    ],
)
async def test_other_work_is_refused(deployment: Deployment, service: str, statement: str) -> None:
    async with deployment.connected_as(service) as connection:
        with pytest.raises(REFUSED):
            await connection.execute(statement)


async def test_each_service_reads_revocations_and_counts_security_events(deployment: Deployment) -> None:
    count = "SELECT gateway.count_security_events('{refused}', '{ann}', '{::1}', '{x}', '{1}')"
    for service in SERVICES:
        async with deployment.connected_as(service) as connection:
            await connection.fetch("SELECT id, epoch FROM gateway.revocations")
            await connection.execute(count)
            await connection.execute(count.replace("{refused}", "{login}"))
            await connection.execute(count.replace("{x}", "{" + "x" * 301 + "}"))
    assert await deployment.owner.fetchval("SELECT sum(count) FROM gateway.security_events") == len(SERVICES)


async def test_each_service_that_publishes_asks_what_was_handled(deployment: Deployment) -> None:
    for module in (module for target in TARGETS for module in create_modules(target, deployment.settings)):
        database = Database(deployment.settings.database_url_of(module.name))
        for source in module.sources:
            async with database.transaction(module.name) as session:
                assert await inbox.handled(session, source.queue, [uuid4()]) == set()
                await restore.lock_if_restored(session)
        await database.close()


async def test_ingest_creates_the_partitions_of_coming_years_and_writes_to_them(deployment: Deployment) -> None:
    async with deployment.connected_as("ingest") as connection:
        await connection.execute("SELECT ingest.create_partition(2101)")
        at_s, _ = partitions.bounds_s(2101)
        columns = ["device_id", "timestamp_s", *PACEMAKER.signal_names, "batch_number"]
        row = (1, at_s, 600, 1, 9, 2.8, 1)
        await connection.copy_records_to_table("readings", schema_name="ingest", columns=columns, records=[row])
        assert await connection.fetchval("SELECT count(*) FROM ingest.readings_2101") == 1
    bounds = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'readings_2101'"
    low, high = partitions.bounds_s(2101)
    assert await deployment.owner.fetchval(bounds) == f"FOR VALUES FROM ('{low}') TO ('{high}')"
    await deployment.owner.execute("DROP TABLE ingest.readings_2101")


async def test_migrating_again_revokes_additional_rights(deployment: Deployment) -> None:
    role = deployment.accounts.name("notifier")
    await deployment.owner.execute(
        f'GRANT USAGE ON SCHEMA gateway TO "{role}"; GRANT ALL ON gateway.users TO "{role}"; '
        f'GRANT SELECT (name) ON gateway.api_keys TO "{role}"; GRANT pg_read_all_data TO "{role}"'
    )
    await service_roles.grant(deployment.database, deployment.accounts, rights())
    async with deployment.connected_as("notifier") as connection:
        for statement in ("SELECT * FROM gateway.users", "SELECT name FROM gateway.api_keys"):
            with pytest.raises(REFUSED):
                await connection.execute(statement)


async def test_each_service_of_a_process_works_with_its_own_role(deployment: Deployment) -> None:
    urls = {service: deployment.settings.database_url_of(service) for service in SERVICES}
    database = Database(urls["gateway"], urls=urls, pool_size=1)
    try:
        for service in SERVICES:
            async with database.transaction(service) as session:
                user = await (await session.connection()).exec_driver_sql(
                    "SELECT session_user::text, current_user::text"
                )
                assert tuple(user.one()) == (deployment.accounts.name(service),) * 2
    finally:
        await database.close()


async def test_the_role_that_migrates_cannot_be_a_services(deployment: Deployment) -> None:
    owner = str(deployment.database.url.username)
    accounts = Accounts(owner.removesuffix("t") if owner.endswith("t") else owner, {}, deployment.settings.secrets_dir)
    one = rights()[0]
    renamed = replace(one, service=owner.removeprefix(accounts.prefix))
    with pytest.raises(ConfigurationError, match="migrate with another role"):
        await service_roles.grant(deployment.database, accounts, [renamed])


async def test_only_the_newest_password_is_valid(
    own_postgres: Callable[[], Awaitable[OwnPostgres]], tmp_path: Path
) -> None:
    server = await own_postgres()  # it requires passwords, which not every server of tests does
    database = Database(server.url)
    try:
        for passwords in ({"notifier": "pass'word%40 \\é"}, {"notifier": "another"}):
            accounts = Accounts("own_", passwords, tmp_path)
            await service_roles.grant(database, accounts, rights())
            newest = plain(accounts.url(server.url, "notifier"))
            await (await asyncpg.connect(newest)).close()
        older = Accounts("own_", {"notifier": "pass'word%40 \\é"}, tmp_path)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(plain(older.url(server.url, "notifier")))
    finally:
        await database.close()
