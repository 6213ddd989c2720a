"""The attributes of devices that the model sees: stored as ingest announces them, loaded as of a batch."""

from collections.abc import Sequence
from typing import Final

import asyncpg
import numpy as np

from pacewatch.contracts.devices import AttributeEntry
from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.kit.columns.arrays import Ints
from pacewatch.ml.features.register import UNKNOWN, Register, Timeline

ALL_BATCHES: Final = 2**63 - 1
_INSERT: Final = """
    INSERT INTO inference.attributes
        (batch_number, device_id, attribute, valid_from_s, number, as_text, as_number)
    SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::float8[])
    ON CONFLICT DO NOTHING"""
_COLUMNS: Final = ("device_id", "attribute", "valid_from_s", "number", "as_text", "as_number")
# Of the entries of a device, attribute and moment the last recorded one counts, in any order of arrival.
_LOAD: Final = """
    WITH held AS (
        SELECT DISTINCT ON (attribute, device_id, valid_from_s)
            attribute, device_id, valid_from_s, as_text, as_number
        FROM inference.attributes
        WHERE attribute = ANY($2::text[]) AND device_id = ANY($1::bigint[]) AND batch_number <= $3
        ORDER BY attribute, device_id, valid_from_s, number DESC
    )
    SELECT attribute, array_agg(device_id), array_agg(valid_from_s), array_agg(as_text), array_agg(as_number)
    FROM held WHERE as_text IS NOT NULL OR as_number IS NOT NULL GROUP BY attribute"""


async def store(connection: asyncpg.Connection, entries: Sequence[AttributeEntry], batch_number: int) -> None:
    """Add the entries that are not stored yet."""
    columns = ([getattr(entry, name) for entry in entries] for name in _COLUMNS)
    await connection.execute(_INSERT, batch_number, *columns)


async def load(connection: asyncpg.Connection, profile: Profile, device_ids: Ints, last_batch: int) -> Register:
    """What the model sees of these devices, as it was known up to `last_batch`. No query if it sees no attribute."""
    kinds = {attribute.name: attribute.kind for attribute in profile.predicting_attributes}
    if not kinds or not len(device_ids):
        return UNKNOWN
    register = {}
    for name, ids, since_s, texts, numbers in await connection.fetch(
        _LOAD, np.unique(device_ids).tolist(), list(kinds), last_batch
    ):
        values = np.array(texts, np.str_) if kinds[name] is AttributeKind.TEXT else np.array(numbers, np.float64)
        register[name] = Timeline.of(np.array(ids, np.int64), np.array(since_s, np.int64), values)
    return register
