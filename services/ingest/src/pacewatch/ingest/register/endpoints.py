"""HTTP endpoints of the register of devices."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from pacewatch.contracts.base import FieldError, Name, Page, Problem
from pacewatch.contracts.devices import MAX_DEVICES_PER_REQUEST, RegisterReport, device_entry_model
from pacewatch.contracts.http.times import QueryTime
from pacewatch.contracts.profile import Profile
from pacewatch.ingest.errors import AttributesInvalid
from pacewatch.ingest.parsing import json_array
from pacewatch.ingest.register import service
from pacewatch.ingest.register.schemas import (
    RefusedDevices,
    RegisterEntry,
    RegisterOptions,
    device_change_model,
    registered_device_model,
)
from pacewatch.ingest.register.service import Author, RegisterRules
from pacewatch.ingest.register.table_text import read_rows
from pacewatch.ingest.replies import reply
from pacewatch.ingest.senders.bound_keys import BoundKey
from pacewatch.ingest.settings import IngestSettings
from pacewatch.ingest.web import BoundDevicesWriter, DevicePath, Reader, array_body, body_of, dialect_of
from pacewatch.kit import clock
from pacewatch.kit.http.paging import PagingDep
from pacewatch.kit.http.routing import SessionDep, takes_body

CSV: Final = "text/csv"
AsOfQuery = Annotated[
    QueryTime | None, Query(alias="as_of", description="as the devices are at this moment; default: now")
]
AttributeQuery = Annotated[Name | None, Query(description="only devices with `value` as this attribute, a text")]
ValueQuery = Annotated[Name | None, Query(description="the value of `attribute`")]
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": RegisterReport, "description": "Recorded what the valid rows say"},
    422: {"model": RefusedDevices | Problem, "description": "Not 1 to 2000 rows, or no row is valid"},
}


def add_routes(router: APIRouter, profile: Profile, settings: IngestSettings) -> None:
    """Add the routes under `/devices`, with the fields of `profile`."""
    rules = RegisterRules(profile, settings.clock_tolerance_s)
    _add_registering(router, rules)
    _add_changing(router, rules)
    _add_reading(router, profile)


def _add_registering(router: APIRouter, rules: RegisterRules) -> None:
    body = array_body(device_entry_model(rules.profile), MAX_DEVICES_PER_REQUEST, CSV)

    @router.post("/devices", responses=RESPONSES, openapi_extra=body)
    @takes_body()
    async def register_devices(
        request: Request, session: SessionDep, actor: BoundDevicesWriter, options: Annotated[RegisterOptions, Query()]
    ) -> Response:
        """Record attributes of devices, as JSON or CSV. Invalid rows are reported, all others recorded."""
        is_csv = request.headers.get("content-type", "").partition(";")[0].strip().lower() == CSV
        content = await body_of(request.stream())
        if is_csv:
            rows = read_rows(content, rules.profile, dialect_of(options))
        else:
            rows = json_array(content, MAX_DEVICES_PER_REQUEST)
        author = Author(actor.name, options.reason, BoundKey.of(request, actor))
        return reply(await service.register(session, rules, rows, author)).response()


def _add_changing(router: APIRouter, rules: RegisterRules) -> None:
    change_body = device_change_model(rules.profile)

    @router.put("/devices/{device_id}", response_model=registered_device_model(rules.profile))
    async def change_device(
        request: Request,
        session: SessionDep,
        actor: BoundDevicesWriter,
        device_id: DevicePath,
        change: change_body,  # type: ignore[valid-type]
    ) -> Any:
        """Change attributes of one device from a moment on; attributes that are left out stay as they are."""
        return await service.change(session, rules, device_id, change, actor.name, BoundKey.of(request, actor))


def _add_reading(router: APIRouter, profile: Profile) -> None:
    device = registered_device_model(profile)

    @router.get("/devices", response_model=Page[device])  # type: ignore[valid-type]
    async def list_devices(
        session: SessionDep,
        _: Reader,
        paging: PagingDep,
        as_of_s: AsOfQuery = None,
        attribute: AttributeQuery = None,
        value: ValueQuery = None,
    ) -> Any:
        """List the registered devices by id, each as it is at a moment."""
        at_s = int(clock.now_s()) if as_of_s is None else as_of_s
        return await service.list_devices(session, profile, _has_value(attribute, value), at_s, paging)

    @router.get("/devices/{device_id}", response_model=device)
    async def get_device(session: SessionDep, _: Reader, device_id: DevicePath, as_of_s: AsOfQuery = None) -> Any:
        """Get one device of the register, as it is at a moment."""
        return await service.device(session, profile, device_id, as_of_s)

    @router.get("/devices/{device_id}/history")
    async def get_device_history(
        session: SessionDep, _: Reader, paging: PagingDep, device_id: DevicePath
    ) -> Page[RegisterEntry]:
        """List all that was ever recorded of one device, the last recorded first, with who, when and why."""
        return await service.history(session, profile, device_id, paging)


def _has_value(attribute: str | None, value: str | None) -> tuple[str, str] | None:
    if attribute is None and value is None:
        return None
    if attribute is None or value is None:
        field = "attribute" if attribute is None else "value"
        raise AttributesInvalid(errors=[FieldError(field=field, code="missing", message="give both, or neither")])
    return attribute, value
