"""Reports as answers: 200 when anything in the request was good, else 422 with the same report as problem details."""

from dataclasses import dataclass
from typing import Final

import orjson
from fastapi import Response

from pacewatch.contracts.outcomes import OutcomeReport
from pacewatch.contracts.telemetry import IngestReport
from pacewatch.kit import logs

# An answer to nothing but bad rows stays under 16 kB: it must not be a way to make the server talk.
MAX_ERRORS_REFUSED: Final = 60
_MAX_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request; `repeated` when it is the first answer once more."""

    status: int
    body: bytes
    repeated: bool = False

    def response(self) -> Response:
        """As HTTP."""
        media_type = "application/json" if self.status == 200 else "application/problem+json"
        headers = {"Idempotency-Replayed": "true"} if self.repeated else None
        return Response(self.body, self.status, headers, media_type)


def reply(report: IngestReport | OutcomeReport) -> Reply:
    """422 when every row is bad. To repeat a request is no error."""
    if report.rejected < report.received:
        return Reply(200, report.model_dump_json().encode())
    problem = {
        "type": "about:blank",
        "title": "no valid row",
        "status": 422,
        "code": "no_valid_row",
        "detail": f"none of the {report.received} row(s) is valid; see errors",
        "correlation_id": logs.correlation_id(),
    }
    members = report.model_dump(mode="json")
    return Reply(422, orjson.dumps(problem | members | {"errors": members["errors"][:MAX_ERRORS_REFUSED]}))


def shown(name: str) -> str:
    """A field's name as a client may have invented it, short and harmless."""
    return "".join(char if char.isprintable() else "?" for char in name[:_MAX_NAME])
