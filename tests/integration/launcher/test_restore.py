"""A backup is restored on another server and in another folder, step by step as docs/restore.md says."""

import asyncio
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx
import sqlalchemy as sa
from pydantic import SecretStr
from servers.own import OwnPostgres
from support.candidates import candidate
from support.fleets import healthy
from support.platform.accounts import drop_accounts
from support.platform.processes import PROGRAM, SERVICES, Platform, create_platform, environment, migrate
from support.waiting import until

from pacewatch.kit.db import Database
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.keys import KeySource
from pacewatch.kit.settings import KitSettings
from pacewatch.registry.handlers import on_model_candidate

PAGE = Path(__file__).parents[3] / "docs/restore.md"
ADA = ("ada@example.org", "correct horse battery")
DAY_S = 86_400


async def run(*command: str, variables: Mapping[str, str] | None = None) -> str:
    process = await asyncio.create_subprocess_exec(*command, env=variables, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0, command
    return output.decode()


def dsn(url: str) -> str:
    return url.replace("+asyncpg", "")


def statements_of_the_page() -> str:
    return "\n".join(re.findall(r"^ +((?:UPDATE|DELETE) .*;)$", PAGE.read_text(), re.MULTILINE))


async def add_model(settings: Mapping[str, str]) -> str:
    """A model that passed the gate."""
    kit = KitSettings(
        database_url=SecretStr(settings["PACEWATCH_DATABASE_URL"]),
        secrets_dir=Path(settings["PACEWATCH_SECRETS_DIR"]),
        artifact_url=settings["PACEWATCH_ARTIFACT_URL"],
    )
    event, database = await candidate(kit), Database(settings["PACEWATCH_DATABASE_URL"])
    async with database.transaction("registry") as session:
        await on_model_candidate(event, session)
        await session.execute(sa.text("UPDATE registry.models SET status = 'accepted'"))
    await database.close()
    return event.version


async def log_in(platform: Platform) -> dict[str, str]:
    form = {"username": ADA[0], "password": ADA[1]}
    response = (await platform.client.post(platform.url("auth/login"), data=form)).raise_for_status()
    return {"Authorization": f"Bearer {response.json()['access_token']}"}


async def make_key(platform: Platform, headers: dict[str, str], name: str) -> dict[str, str]:
    body = {"name": name, "scopes": ["fleet:read"]}
    answer = await platform.client.post(platform.url("api-keys"), json=body, headers=headers)
    return dict(answer.raise_for_status().json())


async def status_with(platform: Platform, token: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(platform.url("clock"), headers={"Authorization": f"Bearer {token}"})).status_code


async def scored_by(platform: Platform, device: int) -> str:
    """The version that scores a device of ten days."""
    now_s = int(datetime.now(UTC).timestamp())
    past = [healthy(device, now_s - day * DAY_S) for day in range(10, 0, -1)]
    (await platform.post("telemetry/ingest", past, mode="backfill")).raise_for_status()
    (await platform.post("telemetry/ingest", [healthy(device, now_s)])).raise_for_status()

    async def is_scored() -> bool:
        return (await platform.get(f"risk/{device}")).is_success

    await until(is_scored, timeout_s=200)
    items = (await platform.get("predictions", device_id=device)).raise_for_status().json()["items"]
    return str(items[0]["model_version"])


@dataclass(frozen=True)
class Saved:
    """A dump, and credentials that were valid when it was made."""

    dump: str
    version: str
    key: str
    cookie: str


async def back_up(settings: Mapping[str, str], folder: Path) -> Saved:
    """A platform with a model and a key, dumped; then the key is revoked and the platform stops."""
    await migrate(settings, folder)
    version, platform = await add_model(settings), create_platform(settings, folder, ["all"])
    url, dump = settings["PACEWATCH_DATABASE_URL"], str(folder / "pacewatch.dump")
    try:
        await platform.start()
        (await platform.post(f"models/{version}/activate")).raise_for_status()
        assert await scored_by(platform, 1) == version
        headers = await log_in(platform)
        key = await make_key(platform, headers, "revoked after the dump")
        await run("pg_dump", "--format=custom", f"--file={dump}", dsn(url))
        (await platform.client.delete(platform.url(f"api-keys/{key['id']}"), headers=headers)).raise_for_status()
        return Saved(dump, version, key["token"], platform.client.cookies["pacewatch_refresh"])
    finally:
        await platform.stop()
        await drop_accounts(url, settings["PACEWATCH_ACCOUNTS"])


async def test_a_platform_is_restored_with_its_model_and_without_ended_credentials(
    new_database: Callable[[], Awaitable[str]], own_postgres: Callable[[], Awaitable[OwnPostgres]], tmp_path: Path
) -> None:
    settings = environment(tmp_path, await new_database(), 9) | {
        "PACEWATCH_ACCOUNTS": f"t{secrets.token_hex(4)}_",
        "PACEWATCH_SUPERUSER_EMAIL": ADA[0],
        "PACEWATCH_SUPERUSER_PASSWORD": ADA[1],
    }
    saved = await back_up(settings, tmp_path)
    server = await own_postgres()
    await restore(server.url, saved.dump)
    (tmp_path / "artifacts").rename(tmp_path / "moved")
    settings["PACEWATCH_DATABASE_URL"] = server.url
    settings["PACEWATCH_ARTIFACT_URL"] = f"file://{tmp_path / 'moved'}"
    await migrate(settings, tmp_path)
    assert await functions_of_everybody(server.url) == []
    platform = create_platform(settings, tmp_path, ["all"])
    try:
        await platform.start()
        await assert_ended(platform, saved, tmp_path)
        assert await scored_by(platform, 2) == saved.version
        ready = (await platform.client.get(platform.url("clock").replace("/api/v1/clock", "/readyz"))).json()
        assert (ready["status"], ready["remarks"]) == ("ready", {})
        assert json.loads(await run(PROGRAM, "reconcile", "--dry-run", variables=settings))["events"] == {}
    finally:
        await platform.stop()


async def restore(url: str, dump: str) -> None:
    """In an empty database of a server that has none of the roles."""
    await run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={dsn(url)}", dump)
    connection = await asyncpg.connect(dsn(url))
    assert await connection.fetchval("SELECT count(*) FROM gateway.api_keys WHERE revoked_at IS NULL") == 1
    await connection.execute(statements_of_the_page())
    await connection.close()


async def functions_of_everybody(url: str) -> list[str]:
    """Our functions that any role may call."""
    connection = await asyncpg.connect(dsn(url))
    query = (
        "SELECT p.oid::regproc::text FROM pg_proc AS p WHERE pronamespace = ANY($1::regnamespace[]) "
        "AND has_function_privilege('public', p.oid, 'EXECUTE')"
    )
    rows = await connection.fetch(query, [service.replace("-", "_") for service in SERVICES])
    await connection.close()
    return [row[0] for row in rows]


async def assert_ended(platform: Platform, saved: Saved, folder: Path) -> None:
    """Keys and logins from before the restore are refused, and so is a key that the dump does not have."""
    signer = Signer(KeySource("token", "", "", folder / "secrets").private())
    yesterday = datetime.now(UTC) - timedelta(days=1)
    later = signer.sign(
        "", role="api-key", scopes=["fleet:read"], lifetime=timedelta(days=9), jti="lost", iat=yesterday
    )
    assert (await status_with(platform, saved.key), await status_with(platform, later)) == (401, 401)
    async with httpx.AsyncClient(cookies={"pacewatch_refresh": saved.cookie}) as client:
        assert (await client.post(platform.url("auth/refresh"))).status_code == 401
    fresh = await make_key(platform, await log_in(platform), "made again")
    assert await status_with(platform, fresh["token"]) == 200
