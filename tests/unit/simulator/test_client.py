"""The client retries under one idempotency key, renews its token, and reports why it gives up."""

import httpx
import pytest

from pacewatch.simulator.sources import client as module
from pacewatch.simulator.sources.client import Account, Client, DeliveryError

ROWS = [{"patient_id": 1}]


class ScriptedServer:
    """Gives its responses one after another and records the requests."""

    def __init__(self, *responses: httpx.Response | Exception) -> None:
        self.requests: list[httpx.Request] = []
        self.retry_messages: list[str] = []
        self._responses = list(responses)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = self._responses.pop(0)
        if isinstance(response, Exception):
            raise response
        return response

    def client(self, token: str = "t0", account: Account | None = None, retry_for_s: float = 5) -> Client:
        http = httpx.AsyncClient(base_url="http://platform", transport=httpx.MockTransport(self))
        return Client(http, token, account, retry_for_s, self.retry_messages.append)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.001)


async def test_rows_are_posted_as_json_with_the_bearer_token() -> None:
    server = ScriptedServer(httpx.Response(202))
    await server.client().post("/rows", ROWS)
    (request,) = server.requests
    assert request.url == "http://platform/rows"
    assert request.headers["Authorization"] == "Bearer t0"
    assert request.content == b'[{"patient_id":1}]'


async def test_connection_errors_429_and_503_are_retried_under_the_same_key() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "0"})
    server = ScriptedServer(httpx.ConnectError("refused"), busy, httpx.Response(503), httpx.Response(202))
    await server.client().post("/rows", ROWS)
    assert len(server.requests) == 4
    assert len({request.headers["Idempotency-Key"] for request in server.requests}) == 1
    assert [message.split(";")[0].removeprefix("http://platform/rows ") for message in server.retry_messages] == [
        "could not be reached (ConnectError)",
        "answered 429",
        "answered 503",
    ]


async def test_every_post_has_its_own_idempotency_key() -> None:
    server = ScriptedServer(httpx.Response(202), httpx.Response(202))
    client = server.client()
    await client.post("/rows", ROWS)
    await client.post("/rows", ROWS)
    assert server.requests[0].headers["Idempotency-Key"] != server.requests[1].headers["Idempotency-Key"]


async def test_an_account_signs_in_before_the_first_post_and_again_when_its_token_has_expired() -> None:
    signed_in = [httpx.Response(200, json={"access_token": token}) for token in ("t1", "t2")]
    server = ScriptedServer(signed_in[0], httpx.Response(401), signed_in[1], httpx.Response(202))
    await server.client(token="", account=Account("a@b.org", "secret")).post("/rows", ROWS)
    login, first, _, second = server.requests
    assert login.url.path == "/api/v1/auth/login"
    assert login.content == b"username=a%40b.org&password=secret"
    assert [first.headers["Authorization"], second.headers["Authorization"]] == ["Bearer t1", "Bearer t2"]
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


async def test_a_refused_post_is_not_retried_and_the_error_quotes_the_server() -> None:
    server = ScriptedServer(httpx.Response(422, text="rows must be an array"))
    with pytest.raises(DeliveryError, match="422: rows must be an array"):
        await server.client().post("/rows", ROWS)
    assert len(server.requests) == 1


async def test_retries_end_after_retry_for_s() -> None:
    server = ScriptedServer(*[httpx.ConnectError("refused")] * 50)
    with pytest.raises(DeliveryError, match="is the server up"):
        await server.client(retry_for_s=0.05).post("/rows", ROWS)
