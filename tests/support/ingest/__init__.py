"""The ingest service on a real database, called through its HTTP routes, without relay and loops."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from pacewatch.contracts.accounts import SCOPES_BY_ROLE, Role
from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.ingest import device_names
from pacewatch.ingest.telemetry import devices
from pacewatch.kit import clock
from pacewatch.kit.db import Database
from pacewatch.kit.http.auth import Signer
from pacewatch.kit.module import Loop

NOW_S = 1_790_000_000  # 2026-09-21
Row = dict[str, Any]
_EMPTY = (
    "DELETE FROM ingest.readings",
    "DELETE FROM ingest.devices",
    "DELETE FROM ingest.device_names",
    "DELETE FROM ingest.batches",
    "DELETE FROM ingest.day_sums",
    "DELETE FROM ingest.outcomes",
    "DELETE FROM ingest.attributes",
    "DELETE FROM ingest.registrations",
    "DELETE FROM ingest.outbox",
    "DELETE FROM ingest.uploads",
    "DELETE FROM ingest.sender_days",
    "DELETE FROM ingest.to_rejudge",
    "DELETE FROM ingest.connectivity",
    "DELETE FROM ingest.downtimes",
    "UPDATE ingest.heartbeat SET alive_at = clock_timestamp(), alive_s = NULL",
    "UPDATE ingest.connectivity_watch SET seen_xid = 0, judged_s = NULL",
    "UPDATE ingest.ledger SET as_of_s = NULL, positive = 0, negative = 0, censored = 0",
)


@dataclass(frozen=True)
class Ingest:
    """The service under test; its events stay in its outbox."""

    database: Database
    client: httpx.AsyncClient
    signer: Signer
    spool: Path
    work_uploads: Loop

    def bearer(self, role: Role = Role.SUPERUSER) -> dict[str, str]:
        scopes = SCOPES_BY_ROLE[role]
        return {
            "Authorization": "Bearer " + self.signer.sign(role, role=role, scopes=scopes, lifetime=timedelta(minutes=9))
        }

    async def post(self, rows: object, path: str = "telemetry/ingest", **headers: str) -> httpx.Response:
        body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
        return await self.client.post(f"/api/v1/{path}", content=body, headers={**self.bearer(), **headers})

    async def accepted(self, rows: list[Row]) -> int:
        answer = await self.post(rows)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["accepted"])

    async def record(self, *outcomes: Row) -> None:
        answer = await self.post(list(outcomes), "outcomes")
        assert answer.json()["rejected"] == 0, answer.text

    async def correct(self, outcome_id: str, reason: str = "a slip", **correction: Any) -> httpx.Response:
        body = json.dumps({"reason": reason, **correction}).encode()
        headers = {**self.bearer(), "Content-Type": "application/json"}
        return await self.client.post(f"/api/v1/outcomes/{outcome_id}/corrections", content=body, headers=headers)

    async def mature(self) -> Any:
        answer = await self.post(b"", "labels/mature")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, path: str, **parameters: str | int) -> Any:
        answer = await self.client.get(f"/api/v1/{path}", headers=self.bearer(), params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        async with self.database.transaction("ingest") as session:
            result: Any = await session.execute(sa.text(statement), values)
            return list(result) if result.returns_rows else []

    async def events(self, kind: str) -> list[Any]:
        rows = await self.sql("SELECT data FROM ingest.outbox WHERE type = :kind ORDER BY emitted_at", kind=kind)
        return [json.loads(row.data) for row in rows]

    async def labels(self) -> dict[tuple[int, int], str]:
        """Every reading's label by device and timestamp, as the trainer sees it."""
        rows = await self.sql("SELECT device_id, timestamp_s, label FROM ingest.labelled_readings")
        return {(row.device_id, row.timestamp_s): row.label for row in rows}

    async def empty(self) -> None:
        for path in self.spool.iterdir():
            path.unlink()
        async with self.database.transaction("ingest") as session:
            for statement in _EMPTY:
                await session.execute(sa.text(statement))
        devices.clear_cache()
        device_names.clear_cache()


def reading(device: Any = 1, timestamp_s: Any = NOW_S, **changed: Any) -> Row:
    """A valid row of the pacemaker profile."""
    values = {signal.name: (signal.normal.low + signal.normal.high) / 2 for signal in PACEMAKER.signals}
    return {PACEMAKER.device_field: device, "timestamp": timestamp_s, **values, **changed}


def outcome(kind: str, occurred_at_s: Any, device: Any = 1, **more: Any) -> Row:
    """An outcome of a device of the pacemaker profile."""
    return {PACEMAKER.device_field: device, "kind": kind, "occurred_at": occurred_at_s, **more}


def stand_at(days: float) -> None:
    """Stop fleet time at `days` after NOW_S."""
    clock.start_at(NOW_S + days * SECONDS_PER_DAY, 0)


def codes(answer: httpx.Response) -> Counter[str]:
    """How often the answer has each error code."""
    return Counter(error["code"] for error in answer.json()["errors"])
