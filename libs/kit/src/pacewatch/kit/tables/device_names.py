"""Devices as people write them. Ids from NAME_BASE on stand for names, which are in a table of ingest that others read.

Only these ids are looked up: a fleet with numbers alone pays nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import sqlalchemy as sa
from pydantic import Field

from pacewatch.contracts.base import MAX_INTEGER, Name
from pacewatch.kit.db import Session
from pacewatch.kit.errors import Unprocessable
from pacewatch.kit.tables.values.devices import NAME_BASE, number_of
from pacewatch.kit.tables.values.faults import WORDS

DeviceText = Annotated[Name, Field(description="a device: its number, its name, or its id")]
DEVICE: Final = (Annotated[str, Field(description="the device as people write it: its number or name")], ...)
"""The field of a response that names a device, for `create_model`."""
NOBODY: Final = -1
"""The id of a name that is not known; no device has it."""


class DeviceInvalid(Unprocessable):
    """This can be neither the number nor the name of a device."""

    code = "validation_failed"


_NAMES = sa.text("SELECT device_id, name FROM ingest.device_names WHERE device_id = ANY(:ids)")
_ID = sa.text("SELECT device_id FROM ingest.device_names WHERE name = :name")


async def names_of(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Every one of `ids` as people write it."""
    named = sorted({one for one in ids if one >= NAME_BASE})
    rows = (await session.execute(_NAMES, {"ids": named})).all() if named else ()
    known = {row.device_id: row.name for row in rows}
    return {one: known.get(one, str(one)) for one in ids}


async def with_names(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each of which has a `device_id`, with `device`."""
    names = await names_of(session, [row["device_id"] for row in rows])
    return [{**row, "device": names[row["device_id"]]} for row in rows]


async def id_of(session: Session, device: str) -> int:
    """The id of a device that a person named; NOBODY if there is no such name, DeviceInvalid if it can be none."""
    number, fault = number_of(device)
    if fault:
        raise DeviceInvalid(f"device {WORDS[fault][1]}")
    if number is not None:
        return number
    found = await session.scalar(_ID, {"name": device.strip()})
    if found is not None:
        return int(found)
    is_id = device.isascii() and device.isdigit() and NAME_BASE <= int(device[:17]) <= MAX_INTEGER
    return int(device) if is_id and len(device) <= len(str(MAX_INTEGER)) else NOBODY
