"""HTTP replies to a report: 200 if anything in the request was valid, else 422 with the report as problem details."""

from dataclasses import dataclass
from typing import Final

import orjson
from fastapi import Response
from pydantic import BaseModel

from pacewatch.contracts.devices import RegisterReport
from pacewatch.contracts.outcomes import OutcomeReport
from pacewatch.contracts.telemetry import IngestReport
from pacewatch.kit import logs

# A reply to invalid rows stays under 16 kB, so that a small request cannot cause a large reply.
MAX_ERRORS_REFUSED: Final = 60


class Refusal(BaseModel):
    """The members of problem details that come with a report."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a request; `repeated` if it is the stored reply to an earlier request."""

    status: int
    body: bytes
    repeated: bool = False

    def response(self) -> Response:
        """The reply as an HTTP response."""
        media_type = "application/json" if self.status == 200 else "application/problem+json"
        headers = {"Idempotency-Replayed": "true"} if self.repeated else None
        return Response(self.body, self.status, headers, media_type)


def reply(report: IngestReport | OutcomeReport | RegisterReport) -> Reply:
    """422 if every row is invalid, else 200; duplicates are no error."""
    if report.rejected < report.received:
        return Reply(200, report.model_dump_json().encode())
    refusal = Refusal(
        type="about:blank",
        title="no valid row",
        status=422,
        code="no_valid_row",
        detail=f"none of the {report.received} row(s) is valid; see errors",
        correlation_id=logs.correlation_id(),
    )
    members = report.model_dump(mode="json")
    errors = {"errors": members["errors"][:MAX_ERRORS_REFUSED]}
    return Reply(422, orjson.dumps(refusal.model_dump() | members | errors))
