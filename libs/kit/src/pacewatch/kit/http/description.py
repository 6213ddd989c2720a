"""What an OpenAPI document says beyond its routes: names, tags, security, servers, licence.

Generated clients name their functions, types and modules by it, so these names are as stable as the paths.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from fastapi.routing import APIRoute

from pacewatch.contracts.http.api import PREFIX, TAGS
from pacewatch.kit.http.problems import ProblemResponse

CONTACT: Final = {"name": "The developers of Pacewatch"}
LICENSE: Final = {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
# The schemes of a token: both travel as `Authorization: Bearer`. The first is the name that `auth` gives its own.
ACCOUNT_SCHEME: Final = "account"
TOKEN_SCHEME: Final = "token"  # noqa: S105 - a name
# The key under which a route hands over schemas that its body refers to.
SCHEMAS: Final = "x-schemas"
SCHEMA_REF: Final = "#/components/schemas/{model}"
# What Pydantic calls `Page[User]`; its title is `UserPage`.
_PAGE: Final = re.compile(r"\bPage_(\w+)_\b")
_DESCRIPTION: Final = (
    "Errors are problem details (RFC 9457) with a stable `code`. Times are ISO 8601 in UTC; a parameter that is a time "
    "may also be given in Unix seconds. A query parameter that an operation does not have is refused."
)
_TOKEN: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "an API key, or the access token of a login; each has scopes",
}


def operation_id(route: APIRoute) -> str:
    """The name of the endpoint's function in camel case: `list_risks` is `listRisks`."""
    first, *others = route.name.split("_")
    return first + "".join(other.capitalize() for other in others)


def describe(made: Any) -> dict[str, Any]:
    """The document that FastAPI made, completed."""
    document: dict[str, Any] = json.loads(_PAGE.sub(r"\1Page", json.dumps(made)))
    document["info"] |= {"description": _DESCRIPTION, "contact": CONTACT, "license": LICENSE}
    document["servers"] = [{"url": "/", "description": "the server that this document describes"}]
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for path, operation in _operations(document):
        operation["tags"] = [_tag(path)]
        schemas |= operation.pop(SCHEMAS, {})
        # FastAPI's summary is the name of the function again.
        operation["summary"] = operation["description"].partition("\n")[0].partition(". ")[0].removesuffix(".")
        _describe_path(operation)
        _add_security(operation)
        _name_problems(operation)
    tags = sorted({_tag(path) for path in document["paths"]})
    document["tags"] = [{"name": tag, "description": TAGS[tag]} for tag in tags]
    if "securitySchemes" in document["components"]:
        document["components"]["securitySchemes"][TOKEN_SCHEME] = _TOKEN
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            yield path, operation


def _tag(path: str) -> str:
    return path.removeprefix(f"{PREFIX}/").partition("/")[0] if path.startswith(PREFIX) else "process"


def _describe_path(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            noun, _, part = parameter["name"].rpartition("_")
            parameter.setdefault("description", f"the {part} of the {noun}" if noun else f"the {part}")


def _add_security(operation: dict[str, Any]) -> None:
    """A login or a key; an operation that needs neither says so."""
    if needed := operation.get("security"):
        operation["security"] = [*needed, {TOKEN_SCHEME: []}]
    else:
        operation["security"] = []


def _name_problems(operation: dict[str, Any]) -> None:
    """The real media type of errors: FastAPI writes application/json for every model."""
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if status[0] in "45" and "application/json" in content:
            content[ProblemResponse.media_type] = content.pop("application/json")
