"""Roles of PostgreSQL that log in and get exactly the rights that are granted after `reset`."""

import base64
import hashlib
import hmac
import secrets
from typing import Any, Final

import sqlalchemy as sa

from pacewatch.kit.db import Session
from pacewatch.kit.errors import ConfigurationError

ITERATIONS: Final = 4_096  # PostgreSQL's own default
_OWN_SCHEMAS: Final = sa.text(
    "SELECT nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = current_user "
    "AND nspname !~ '^pg_' AND nspname <> 'information_schema'"
)

_GROUPS: Final = sa.text(
    "SELECT g.rolname FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid "
    "JOIN pg_roles AS r ON r.oid = m.member WHERE r.rolname = :role"
)
_OWN_DATABASE: Final = sa.text(
    "SELECT datname FROM pg_database WHERE datname = current_database() AND pg_has_role(datdba, 'USAGE')"
)
_MAKE_LARGE_OBJECTS: Final = ("lo_create(oid)", "lo_creat(integer)", "lo_from_bytea(oid, bytea)")


async def lock(session: Session) -> None:
    """Wait for other processes that change roles: PostgreSQL fails when two change the same rights."""
    await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('pacewatch roles'))"))


async def is_our_own(session: Session, role: str) -> bool:
    """Whether this session is of `role`."""
    return bool(role == await session.scalar(sa.text("SELECT current_user")))


async def create_or_alter(
    session: Session, role: str, password: str, *, setting: str, max_connections: int = -1
) -> None:
    """A role with this password that can log in and has no rights of an administrator.

    ConfigurationError, which names `setting`, if it is a superuser or there is none and we may not create it.
    """
    query = sa.text("SELECT rolsuper OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = :role")
    is_administrator = await session.scalar(query, {"role": role})
    if is_administrator:
        raise ConfigurationError(f"{setting}: {role} is a superuser or a similar role; name another one")
    exists = is_administrator is not None
    if await _may_create(session):
        verb = "ALTER" if exists else "CREATE"
        login = f"LOGIN NOCREATEDB NOCREATEROLE CONNECTION LIMIT {max_connections} PASSWORD %L"
        await run(session, f"{verb} ROLE %I {login}", role, verifier(password))
    elif not exists:
        raise ConfigurationError(
            f"{setting}: there is no role {role}, and the role that migrates may not create one; "
            f'have an administrator run CREATE ROLE "{role}" LOGIN PASSWORD ..., then migrate again'
        )


async def set_read_only(session: Session, role: str) -> None:
    """Begin every transaction of `role` read-only, where we may say so."""
    if await _may_create(session):
        await run(session, "ALTER ROLE %I SET default_transaction_read_only = on", role)


async def _may_create(session: Session) -> bool:
    query = sa.text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    return bool(await session.scalar(query))


async def reset(session: Session, role: str) -> None:
    """Revoke memberships and everything in our schemas, so that no right from an older version stays."""
    for group in (await session.scalars(_GROUPS, {"role": role})).all():
        await run(session, "REVOKE %I FROM %I", group, role)
    for schema in (await session.scalars(_OWN_SCHEMAS)).all():
        for what in ("ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA", "ALL FUNCTIONS IN SCHEMA", "SCHEMA"):
            await run(session, f"REVOKE ALL ON {what} %I FROM %I", schema, role)
        for what in ("TABLES", "SEQUENCES"):
            await run(session, f"ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE ALL ON {what} FROM %I", schema, role)


async def close_what_all_may(session: Session) -> None:
    """Revoke from every role what PostgreSQL lets all of them do: make temporary tables and large objects.

    Both fill the disk. Each where we may: the first as owner of the database, the second as superuser.
    """
    for database in (await session.scalars(_OWN_DATABASE)).all():
        await run(session, "REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC", database)
    if await session.scalar(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        for function in _MAKE_LARGE_OBJECTS:
            await session.execute(sa.text(f"REVOKE EXECUTE ON FUNCTION pg_catalog.{function} FROM PUBLIC"))


async def let_read(session: Session, role: str, table: str, columns: tuple[str, ...] = ()) -> None:
    """Let `role` read `table` (schema.name), or only these columns of it; nothing if there is no such table."""
    if not await session.scalar(sa.text("SELECT to_regclass(:name)"), {"name": table}):
        return
    schema, name = table.split(".")
    chosen = f" ({', '.join(['%I'] * len(columns))})" if columns else ""
    await run(session, "GRANT USAGE ON SCHEMA %I TO %I", schema, role)
    await run(session, f"GRANT SELECT{chosen} ON %I.%I TO %I", *columns, schema, name, role)


async def let_call(session: Session, role: str, function: str) -> None:
    """Let `role` call `function` (schema.name); nothing if there is no such function."""
    if not await session.scalar(sa.text("SELECT to_regproc(:name)"), {"name": function}):
        return
    schema, name = function.split(".")
    await run(session, "GRANT USAGE ON SCHEMA %I TO %I", schema, role)
    await run(session, "GRANT EXECUTE ON FUNCTION %I.%I TO %I", schema, name, role)


async def run(session: Session, template: str, *names: Any) -> None:
    """Run a statement that cannot take parameters. PostgreSQL itself quotes `names` into `template`."""
    arguments = "".join(f", CAST(:n{i} AS text)" for i in range(len(names)))
    values = {f"n{i}": name for i, name in enumerate(names)} | {"template": template}
    statement = await session.scalar(sa.text(f"SELECT format(CAST(:template AS text){arguments})"), values)
    await (await session.connection()).exec_driver_sql(str(statement))


def verifier(password: str) -> str:
    """What PostgreSQL stores of a password (RFC 5803). We send this, so that no server log holds the password."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${ITERATIONS}:{salt64}${stored64}:{server64}"
