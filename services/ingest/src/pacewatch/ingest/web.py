"""What the endpoints of this service have in common: who may call them, bounded parameters, raw bodies in OpenAPI."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query
from pydantic import BaseModel

from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import MAX_INTEGER
from pacewatch.kit.http.auth import Principal, require

Reader = Annotated[Principal, Depends(require(Scope.FLEET_READ))]
TelemetryWriter = Annotated[Principal, Depends(require(Scope.TELEMETRY_WRITE))]
OutcomesWriter = Annotated[Principal, Depends(require(Scope.OUTCOMES_WRITE))]

Limit = Annotated[int, Query(ge=1, le=2_000, description="at most so many readings")]
Seconds = Annotated[int, Query(ge=0, le=MAX_INTEGER, description="Unix seconds, UTC")]
DevicePath = Annotated[int, Path(ge=0, le=MAX_INTEGER)]


def array_body(row: type[BaseModel], most: int, *binary: str) -> dict[str, Any]:
    """OpenAPI of a body that is read raw: an array of 1 to `most` rows, or a table of a `binary` media type."""
    items = row.model_json_schema()
    schema = {"type": "array", "minItems": 1, "maxItems": most, "items": _inlined(items, items.pop("$defs", {}))}
    tables = {name: {"schema": {"type": "string", "format": "binary"}} for name in binary}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}, **tables}}}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema without references: in an OpenAPI document they would point at nothing."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(part, definitions) for key, part in schema.items()}
