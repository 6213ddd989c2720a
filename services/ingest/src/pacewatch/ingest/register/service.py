"""Records what devices are. Nothing is overwritten: an entry holds from a moment on, until a later one says otherwise.

Two times matter: from when a value holds (`valid_from`), and when it was recorded. A score is computed from what was
recorded by then, so a correction changes no stored score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import numpy as np
from pydantic import BaseModel
from sqlalchemy import RowMapping

from pacewatch.contracts.base import FieldError, Page, Paging
from pacewatch.contracts.devices import AttributeValue, RegisterReport
from pacewatch.contracts.http.times import LAST_S, iso
from pacewatch.contracts.profile import AttributeKind, Profile
from pacewatch.ingest import device_names
from pacewatch.ingest.errors import AttributesInvalid, DeviceNotAllowed, DeviceNotRegistered
from pacewatch.ingest.register import events, repository
from pacewatch.ingest.register.checking import Entry, check, entries_of, error_of, violations_of_key
from pacewatch.ingest.register.schemas import RegisterEntry
from pacewatch.ingest.senders.bound_keys import BoundKey
from pacewatch.kit import clock, logs
from pacewatch.kit.db import Session
from pacewatch.kit.messaging.outbox import emit_by_id
from pacewatch.kit.tables.device_names import names_of

log = logs.get(__name__)

Response = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RegisterRules:
    """The fleet's profile, and how far ahead of the clock a moment may be, seconds."""

    profile: Profile
    tolerance_s: int

    def latest_s(self) -> int:
        """The latest moment from which a value may hold."""
        return int(clock.now_s()) + self.tolerance_s


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes the register, and why."""

    actor: str
    reason: str
    # If the author is a key that is bound to devices.
    key: BoundKey | None = None


async def register(session: Session, rules: RegisterRules, rows: Sequence[Any], author: Author) -> RegisterReport:
    """Record the valid rows. A row that says what the register says already changes nothing and is no error."""
    entries, named, errors = check(rows, rules.profile, rules.latest_s())
    ids = await device_names.numbers_of(session, [*named.values()], register=author.key is None)
    valid = dict(zip(named, ids, strict=True))
    entries = [entry._replace(device_id=valid[entry.row]) for entry in entries]
    if author.key is not None:
        foreign = await _foreign(session, author.key, valid)
        errors += [error_of(row, rules.profile.device_field, "device_not_allowed") for row in foreign]
        errors.sort(key=lambda error: error.row)
        entries = [entry for entry in entries if entry.row not in foreign]
        valid = {row: device_id for row, device_id in valid.items() if row not in foreign}
    registration_id, changed = await _record(session, entries, author)
    changed_rows = {entry.row for entry in changed}
    return RegisterReport(
        registration_id=registration_id,
        received=len(rows),
        changed=len(changed_rows),
        unchanged=len(valid.keys() - changed_rows),
        rejected=len(rows) - len(valid),
        errors=errors,
    )


async def change(
    session: Session, rules: RegisterRules, device_id: int, body: BaseModel, actor: str, key: BoundKey | None = None
) -> Response:
    """Record a change of one device; returns what the device is now. AttributesInvalid for a moment in the future.

    DeviceNotAllowed if the device is not of the `key`.
    """
    if key is not None and await _foreign(session, key, {0: device_id}):
        raise DeviceNotAllowed()
    given = body.model_dump(exclude_unset=True)
    valid_from_s = given.get("valid_from", 0)
    if violations := violations_of_key((device_id, valid_from_s), set(), rules.latest_s()):
        errors = [error_of(0, field, what) for field, what in violations]
        raise AttributesInvalid(errors=[FieldError(**one.model_dump(exclude={"row"})) for one in errors])
    entries = list(entries_of(0, device_id, valid_from_s, given["attributes"], rules.profile))
    await _record(session, entries, Author(actor, given["reason"]))
    return await device(session, rules.profile, device_id)


async def _foreign(session: Session, key: BoundKey, devices: Mapping[int, int]) -> list[int]:
    """The rows, of these with their devices, that are not of the key's devices at present."""
    device_ids = np.array([*devices.values()], dtype=np.int64)
    is_own = await key.owns(session, device_ids, np.full(len(device_ids), int(clock.now_s()), dtype=np.int64))
    return [row for row, is_one in zip(devices, is_own.tolist(), strict=True) if not is_one]


async def _record(session: Session, entries: Sequence[Entry], author: Author) -> tuple[Any, list[Entry]]:
    """The id of the registration and the entries that change something; None and nothing if none does."""
    await repository.lock(session)
    changed = await repository.changed(session, entries)
    if not changed:
        return None, changed
    registration_id = uuid4()
    audit = {"actor": author.actor, "reason": author.reason, "correlation_id": logs.correlation_id()}
    number = await repository.add(session, changed, registration_id, clock.now(), **audit)
    await emit_by_id(session, await events.events_of(session, number))
    log.info("devices_registered", registration_id=str(registration_id), entries=len(changed))
    return registration_id, changed


async def list_devices(
    session: Session, profile: Profile, has_value: tuple[str, str] | None, as_of_s: int, paging: Paging
) -> Page[Response]:
    """A page of the registered devices by id, as they are at a moment."""
    device_ids, total = await repository.page(session, has_value, as_of_s, paging)
    return Page.of(await _devices(session, profile, device_ids, as_of_s), total, paging)


async def device(session: Session, profile: Profile, device_id: int, as_of_s: int | None = None) -> Response:
    """One device as it is at a moment, by default now; DeviceNotRegistered."""
    found = await _devices(session, profile, [device_id], int(clock.now_s()) if as_of_s is None else as_of_s)
    if not found:
        raise DeviceNotRegistered()
    return found[0]


async def history(session: Session, profile: Profile, device_id: int, paging: Paging) -> Page[RegisterEntry]:
    """A page of the entries of one device, the last recorded first; DeviceNotRegistered."""
    rows, total = await repository.history(session, device_id, paging)
    if not total:
        raise DeviceNotRegistered()
    kinds = _kinds(profile)
    entries = [RegisterEntry(value=_value(row, kinds), **_audit(row)) for row in rows]
    return Page.of(entries, total, paging)


async def _devices(session: Session, profile: Profile, device_ids: Sequence[int], as_of_s: int) -> list[Response]:
    changed_at, kinds = await repository.changed_at(session, device_ids), _kinds(profile)
    attributes: dict[int, dict[str, AttributeValue | None]] = {device_id: {} for device_id in changed_at}
    for row in await repository.current(session, device_ids, as_of_s):
        attributes[row["device_id"]][row["attribute"]] = _value(row, kinds)
    names = await names_of(session, device_ids)
    return [
        {profile.device_field: one, "device": names[one], "attributes": attributes[one], "changed_at": changed_at[one]}
        for one in device_ids
        if one in changed_at
    ]


def _kinds(profile: Profile) -> dict[str, AttributeKind]:
    return {attribute.name: attribute.kind for attribute in profile.attributes}


def _value(row: RowMapping, kinds: Mapping[str, AttributeKind]) -> AttributeValue | None:
    """The value of a row; a moment is ISO 8601, or seconds if an earlier release took one beyond the year 9999."""
    number = row["as_number"]
    if number is None:
        return row["as_text"]  # type: ignore[no-any-return]
    if kinds.get(row["attribute"]) is not AttributeKind.DATE:
        return float(number)
    return iso(number) if number <= LAST_S else int(number)


def _audit(row: RowMapping) -> Response:
    names = ("attribute", "registration_id", "recorded_at", "actor", "reason")
    return {"valid_from": row["valid_from_s"] or None, **{name: row[name] for name in names}}
