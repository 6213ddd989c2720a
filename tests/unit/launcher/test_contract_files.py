"""The documents of the API: what generated clients, editors and other teams read."""

import json
import re
from collections.abc import Iterator

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from pacewatch.contracts import topology
from pacewatch.contracts.accounts import Scope
from pacewatch.contracts.base import Event
from pacewatch.contracts.http.api import SCOPES, TAGS
from pacewatch.launcher.contract_files.asyncapi import asyncapi
from pacewatch.launcher.contract_files.examples import examples
from pacewatch.launcher.contract_files.json_schemas import json_schemas
from pacewatch.launcher.contract_files.openapi import openapi

ASYNCAPI = asyncapi()
OPENAPI = openapi()
OPERATIONS = [
    (path, method, operation)
    for document in OPENAPI.values()
    for path, operations in document["paths"].items()
    for method, operation in operations.items()
]


def resolved(schema: str) -> Draft202012Validator:
    """A validator of one schema of the AsyncAPI document."""
    return Draft202012Validator(
        {"$ref": schema, "components": ASYNCAPI["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@pytest.mark.parametrize("event", topology.EVENTS, ids=lambda event: event.type)
def test_every_event_has_an_example_that_its_schemas_allow(event: type[Event]) -> None:
    message = ASYNCAPI["components"]["messages"][event.__name__]
    (example,) = message["examples"]
    assert example["payload"] == examples()[event].model_dump(mode="json")
    resolved(message["payload"]["$ref"]).validate(example["payload"])
    resolved(message["headers"]["$ref"]).validate(example["headers"])
    assert example["headers"]["cloudEvents:dataschema"] == json_schemas()[event.type]["$id"]


def test_the_schema_of_the_headers_refuses_what_the_platform_refuses() -> None:
    headers = resolved("#/components/schemas/CloudEvent")
    (example,) = ASYNCAPI["components"]["messages"]["OutcomeRecorded"]["examples"]
    for wrong in ({"cloudEvents:specversion": "0.3"}, {"cloudEvents:id": ""}, {"cloudEvents:time": []}):
        with pytest.raises(jsonschema.ValidationError):
            headers.validate(example["headers"] | wrong)


def test_operation_ids_are_short_and_one_for_each_operation_of_the_platform() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))
    assert not [one for one in ids if not re.fullmatch(r"[a-z][a-zA-Z]{2,24}", one)]
    assert {"ingestBatch", "listRisks", "listAlerts", "logIn"} <= set(ids)


def test_every_operation_says_which_scope_it_needs_or_that_it_needs_no_token() -> None:
    open_operations = {path for path, _, operation in OPERATIONS if operation["security"] == []}
    assert open_operations == {f"/api/v1/auth/{name}" for name in ("login", "refresh", "logout")}
    for _, _, operation in OPERATIONS:
        if operation["security"]:
            account, token = operation["security"]
            assert len(account["account"]) == 1
            assert token == {"token": []}


def test_every_document_names_server_licence_and_described_tags() -> None:
    for document in OPENAPI.values():
        assert document["servers"]
        assert document["info"]["license"]["name"] == "Apache-2.0"
        assert document["tags"] == [{"name": tag["name"], "description": TAGS[tag["name"]]} for tag in document["tags"]]


def properties() -> Iterator[tuple[str, str, str]]:
    """The name of each schema that is answered, a property, and its description as text."""
    for document in OPENAPI.values():
        for name, schema in document["components"]["schemas"].items():
            yield from ((name, key, json.dumps(value)) for key, value in schema.get("properties", {}).items())


SENT = {"PacemakerReading", "SentPacemakerReading"}


def test_a_time_is_iso_8601_unless_it_is_the_timestamp_of_a_reading() -> None:
    named = {(name, key): text for name, key, text in properties() if key.endswith(("_at", "_from", "timestamp"))}
    seconds = {key for (_, key), text in named.items() if "date-time" not in text}
    assert seconds == {"timestamp"}
    answered = {name for (name, key), _ in named.items() if key == "timestamp" and name not in SENT}
    assert answered == {name for name, key in named if key == "measured_at"}


def test_every_scope_is_described() -> None:
    assert set(SCOPES) == set(Scope)


def test_rows_that_are_sent_have_names() -> None:
    sent = OPENAPI["ingest"]["paths"]
    for path, model in (
        ("telemetry/ingest", "SentPacemakerReading"),
        ("outcomes", "PacemakerOutcome"),
        ("devices", "PacemakerDeviceEntry"),
    ):
        schema = sent[f"/api/v1/{path}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert schema["items"] == {"$ref": f"#/components/schemas/{model}"}
        assert model in OPENAPI["ingest"]["components"]["schemas"]
