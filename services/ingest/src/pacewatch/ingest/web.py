"""Shared by the endpoints of this service: access by scope, bounded parameters, and raw bodies in OpenAPI."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import MAX_INTEGER
from pacewatch.contracts.http.times import QueryTime
from pacewatch.ingest.errors import BodyIncomplete
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.description import SCHEMA_REF, SCHEMAS

Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]
TelemetryWriter = Annotated[Principal, Depends(require(Scope.TELEMETRY_WRITE))]
OutcomesWriter = Annotated[Principal, Depends(require(Scope.OUTCOMES_WRITE))]
# Also keys that are bound to devices: these routes check each row.
BoundTelemetryWriter = Annotated[Principal, Depends(require(Scope.TELEMETRY_WRITE, bound_keys=True))]
BoundDevicesWriter = Annotated[Principal, Depends(require(Scope.DEVICES_WRITE, bound_keys=True))]
BoundOutcomesWriter = Annotated[Principal, Depends(require(Scope.OUTCOMES_WRITE, bound_keys=True))]

Limit = Annotated[int, Query(ge=1, le=2_000, description="the maximum number of readings")]
FromQuery = Annotated[QueryTime, Query(alias="from", description="only readings at or after this time")]
ToQuery = Annotated[QueryTime, Query(alias="to", description="only readings at or before this time")]
DevicePath = Annotated[int, Path(ge=0, le=MAX_INTEGER)]


async def body_of(pieces: AsyncIterator[bytes]) -> bytes:
    """The whole body; BodyIncomplete if the client disconnected."""
    try:
        return b"".join([piece async for piece in pieces])
    except ClientDisconnect:
        raise BodyIncomplete() from None


def array_body(row: type[BaseModel], max_length: int, *binary: str) -> dict[str, Any]:
    """OpenAPI of a body that is parsed without FastAPI: an array of 1 to `max_length` rows, or a `binary` table."""
    schema = row.model_json_schema(ref_template=SCHEMA_REF)
    rows = {
        "type": "array",
        "minItems": 1,
        "maxItems": max_length,
        "items": {"$ref": SCHEMA_REF.format(model=row.__name__)},
    }
    tables = {name: {"schema": {"type": "string", "format": "binary"}} for name in binary}
    body = {"required": True, "content": {"application/json": {"schema": rows}, **tables}}
    return {"requestBody": body, SCHEMAS: {**schema.pop("$defs", {}), row.__name__: schema}}
