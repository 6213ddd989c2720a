"""Simulated histories in the views that the trainer reads of ingest, and settings for a trainer in a test."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
from pydantic import SecretStr

from pacewatch.contracts.outcomes import OutcomeKind
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.columns.readings import Readings
from pacewatch.kit.settings import KitSettings
from pacewatch.ml.evaluation.holdout import Failures
from pacewatch.ml.evaluation.labels import labels_of
from pacewatch.simulator.day import Source, days
from pacewatch.simulator.fleet.fleet import Fleet

WORDS = {1: "positive", 0: "negative", -1: "unresolved"}
START_S = 1_767_225_600  # 2026-01-01


@dataclass(frozen=True)
class History:
    """Readings with labels, failures, and the time at which the labels were set."""

    profile: Profile
    readings: Readings
    labels: np.ndarray[Any, np.dtype[np.int8]]
    failures: Failures
    now_s: int


def simulated(source: Source, count: int) -> History:
    """`count` days of a fleet, without duplicates and labelled."""
    simulated_days = list(days(source, count))
    log = np.concatenate([day.readings for day in simulated_days])
    _, first = np.unique(np.stack([log["device_id"], log["timestamp_s"]]), axis=1, return_index=True)
    log = log[np.sort(first)]
    outcomes = [outcome for day in simulated_days for outcome in day.outcomes if outcome.kind is OutcomeKind.FAILURE]
    failed = sorted((outcome.device_id, outcome.occurred_at_s, outcome.mode) for outcome in outcomes)
    ids, at_s, modes = zip(*failed, strict=True)
    failures = Failures(np.array(ids), np.array(at_s), modes)
    now_s = simulated_days[-1].end_s
    signals = {name: log[name].copy() for name in source.profile.signal_names}
    readings = Readings(log["device_id"].copy(), log["timestamp_s"].copy(), signals)
    labels = labels_of(source.profile.label, readings, failures, now_s)
    return History(source.profile, readings, labels, failures, now_s)


def pacemakers(devices: int = 150, count: int = 100, enrich: float = 24.0, seed: int = 3) -> History:
    """A small fleet with enough failures to train on."""
    return simulated(Fleet(devices, START_S, enrich, seed), count)


async def create_ingest(connection: asyncpg.Connection, profile: Profile = PACEMAKER) -> None:
    """The three views of ingest that the trainer reads, over the simplest tables."""
    signals = ", ".join(f'"{name}" double precision NOT NULL' for name in profile.signal_names)
    names = ", ".join(f'"{name}"' for name in profile.signal_names)
    await connection.execute(f"""
        DROP SCHEMA IF EXISTS ingest CASCADE;
        CREATE SCHEMA ingest;
        CREATE TABLE ingest.readings (device_id bigint, timestamp_s bigint, {signals},
            label text NOT NULL DEFAULT 'unresolved',
            changed_xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
            PRIMARY KEY (device_id, timestamp_s));
        CREATE INDEX ON ingest.readings (changed_xid);
        CREATE TABLE ingest.outcomes (device_id bigint, occurred_at_s bigint, mode text);
        CREATE VIEW ingest.labelled_readings AS
            SELECT device_id, timestamp_s, {names}, label, changed_xid FROM ingest.readings;
        CREATE TABLE ingest.device_attributes (device_id bigint, attribute text, valid_from_s bigint DEFAULT 0,
            as_text text, as_number double precision);
        CREATE VIEW ingest.failures AS SELECT device_id, occurred_at_s, mode FROM ingest.outcomes;
    """)


async def store_history(connection: asyncpg.Connection, history: History) -> None:
    """Store the history in the tables of `create_ingest`."""
    readings = history.readings
    columns = [readings.device_ids, readings.timestamps_s, *readings.signals.values()]
    labels = [WORDS[int(label)] for label in history.labels]
    rows = zip(*(column.tolist() for column in columns), labels, strict=True)
    names = ["device_id", "timestamp_s", *readings.signals, "label"]
    await connection.copy_records_to_table("readings", schema_name="ingest", columns=names, records=rows)
    failures = zip(*(column.tolist() for column in history.failures[:2]), history.failures.modes, strict=True)
    await connection.executemany("INSERT INTO ingest.outcomes VALUES ($1, $2, $3)", list(failures))


def settings_for(database_url: str, folder: Path, profile: str = "pacemaker") -> KitSettings:
    """Settings with which a training writes files only below `folder`."""
    return KitSettings(
        database_url=SecretStr(database_url),
        secrets_dir=folder / "secrets",
        artifact_url=f"file://{folder / 'artifacts'}",
        profile=profile,
        log_level="WARNING",
    )
