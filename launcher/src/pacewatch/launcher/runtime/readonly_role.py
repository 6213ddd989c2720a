"""The read-only role for training data: it can log in, read the trainer's views, and do nothing else.

The services' own role owns every table. A person who trains on their own machine must not get that role.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any, Final

import sqlalchemy as sa

from pacewatch.kit import logs
from pacewatch.kit.db import Database, Session, asyncpg_url
from pacewatch.kit.errors import ConfigurationError
from pacewatch.trainer_agent.data.source import VIEWS

ITERATIONS: Final = 4_096  # PostgreSQL's own default
MAX_CONNECTIONS: Final = 4

log = logs.get(__name__)


async def grant(database: Database, role_url: str) -> None:
    """Create the role in `role_url` with its password, or reset an existing one to exactly these rights.

    A second call changes nothing. ConfigurationError if the role is a superuser or may not be created here.
    """
    url = asyncpg_url(role_url)
    async with database.transaction("launcher") as session:
        await session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('pacewatch reader'))"))
        if url.username == await session.scalar(sa.text("SELECT current_user")):
            log.warning("reading_role_is_the_service", role=url.username, reason="it can write; name another role")
            return
        await _create_or_alter(session, str(url.username), str(url.password or ""))
        await _set_rights(session, str(url.username))
    log.info("reading_role_granted", role=url.username)


async def _create_or_alter(session: Session, role: str, password: str) -> None:
    query = sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = :role")
    found = (await session.execute(query, {"role": role})).first()
    if found and found.rolsuper:
        raise ConfigurationError(f"PACEWATCH_TRAINER_DATABASE_URL: {role} is a superuser; name a role that only reads")
    may_create = await session.scalar(
        sa.text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    )
    if may_create:
        verb = "ALTER" if found else "CREATE"
        login = f"LOGIN NOCREATEDB NOCREATEROLE CONNECTION LIMIT {MAX_CONNECTIONS} PASSWORD %L"
        await _run(session, f"{verb} ROLE %I {login}", role, verifier(password))
        await _run(session, "ALTER ROLE %I SET default_transaction_read_only = on", role)
    elif not found:
        raise ConfigurationError(
            f"PACEWATCH_TRAINER_DATABASE_URL: there is no role {role}, and the services' role may not create one; "
            f'have an administrator run CREATE ROLE "{role}" LOGIN PASSWORD ..., then migrate again'
        )


async def _set_rights(session: Session, role: str) -> None:
    """Revoke everything, then grant the views, so that no right from an older version stays."""
    own_schemas = (
        "SELECT nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = current_user AND nspname !~ '^pg_'"
    )
    schemas = await session.scalars(sa.text(f"{own_schemas} AND nspname <> 'information_schema'"))
    for schema in schemas.all():
        for what in ("ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA", "SCHEMA"):
            await _run(session, f"REVOKE ALL ON {what} %I FROM %I", schema, role)
    for view in VIEWS:
        if await session.scalar(sa.text("SELECT to_regclass(:view)"), {"view": view}):
            schema, name = view.split(".")
            await _run(session, "GRANT USAGE ON SCHEMA %I TO %I", schema, role)
            await _run(session, "GRANT SELECT ON %I.%I TO %I", schema, name, role)


async def _run(session: Session, template: str, *names: Any) -> None:
    """Run a statement that cannot take parameters. PostgreSQL itself quotes `names` into `template`."""
    arguments = ", ".join(f"CAST(:n{i} AS text)" for i in range(len(names)))
    values = {f"n{i}": name for i, name in enumerate(names)} | {"template": template}
    statement = await session.scalar(sa.text(f"SELECT format(:template, {arguments})"), values)
    await (await session.connection()).exec_driver_sql(str(statement))


def verifier(password: str) -> str:
    """What PostgreSQL stores of a password (RFC 5803). We send this, so that no server log holds the password."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${ITERATIONS}:{salt64}${stored64}:{server64}"
