"""Shared by the endpoints of this service: access by scope, bounded parameters, and raw bodies in OpenAPI."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import MAX_INTEGER
from pacewatch.contracts.http.times import QueryTime
from pacewatch.ingest.errors import BodyIncomplete, OptionsInvalid
from pacewatch.kit.http.auth import Principal, require
from pacewatch.kit.http.description import SCHEMA_REF, SCHEMAS
from pacewatch.kit.tables.table import Dialect
from pacewatch.kit.tables.values.times import check_format

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


class TextOptions(BaseModel):
    """How a CSV is written."""

    model_config = ConfigDict(extra="ignore")

    delimiter: Annotated[Literal[",", ";", "\t", "|"], Field(description="what separates the columns of a CSV")] = ","
    decimal: Annotated[Literal[".", ","], Field(description="the decimal sign of a CSV")] = "."
    time_format: Annotated[
        str, Field(max_length=60, description="the format of times that are no ISO 8601, as in strptime; else empty")
    ] = ""


def dialect_of(options: TextOptions) -> Dialect:
    """How a CSV is written; OptionsInvalid if none can be written so."""
    try:
        if options.time_format:
            check_format(options.time_format)
        return Dialect(options.delimiter, options.decimal, options.time_format)
    except ValueError as error:
        raise OptionsInvalid(str(error)) from None


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
