"""The posting client retries what may be retried under one key, renews its sign-in, and says why it gives up."""

from collections.abc import Callable

import httpx
import pytest

from pacewatch.simulator.sources import client as module
from pacewatch.simulator.sources.client import Account, Client, DeliveryError

ROWS = [{"patient_id": 1}]
Answer = Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers requests one after another as scripted, and remembers them."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.requests: list[httpx.Request] = []
        self.told: list[str] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, token: str = "t0", account: Account | None = None, patience_s: float = 5) -> Client:
        http = httpx.AsyncClient(base_url="http://platform", transport=httpx.MockTransport(self))
        return Client(http, token, account, patience_s, self.told.append)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.001)


async def test_rows_go_out_as_json_with_the_token() -> None:
    server = Server(httpx.Response(202))
    await server.client().post("/rows", ROWS)
    (request,) = server.requests
    assert request.url == "http://platform/rows"
    assert request.headers["Authorization"] == "Bearer t0"
    assert request.content == b'[{"patient_id":1}]'


async def test_connection_errors_429_and_503_are_retried_under_the_same_key() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "0"})
    server = Server(httpx.ConnectError("refused"), busy, httpx.Response(503), httpx.Response(202))
    await server.client().post("/rows", ROWS)
    assert len(server.requests) == 4
    assert len({request.headers["Idempotency-Key"] for request in server.requests}) == 1
    assert [said.split(";")[0].removeprefix("http://platform/rows ") for said in server.told] == [
        "could not be reached (ConnectError)",
        "answered 429",
        "answered 503",
    ]


async def test_every_post_has_a_key_of_its_own() -> None:
    server = Server(httpx.Response(202), httpx.Response(202))
    client = server.client()
    await client.post("/rows", ROWS)
    await client.post("/rows", ROWS)
    assert server.requests[0].headers["Idempotency-Key"] != server.requests[1].headers["Idempotency-Key"]


async def test_an_account_signs_in_first_and_again_when_its_token_has_expired() -> None:
    signed_in = [httpx.Response(200, json={"access_token": token}) for token in ("t1", "t2")]
    server = Server(signed_in[0], httpx.Response(401), signed_in[1], httpx.Response(202))
    await server.client(token="", account=Account("a@b.org", "secret")).post("/rows", ROWS)
    login, first, _, second = server.requests
    assert login.url.path == "/api/v1/auth/login"
    assert login.content == b"username=a%40b.org&password=secret"
    assert [first.headers["Authorization"], second.headers["Authorization"]] == ["Bearer t1", "Bearer t2"]
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


async def test_a_refusal_is_not_retried_and_is_told_in_the_servers_words() -> None:
    server = Server(httpx.Response(422, text="rows must be an array"))
    with pytest.raises(DeliveryError, match="422: rows must be an array"):
        await server.client().post("/rows", ROWS)
    assert len(server.requests) == 1


async def test_patience_ends() -> None:
    server = Server(*[httpx.ConnectError("refused")] * 50)
    with pytest.raises(DeliveryError, match="is the server up"):
        await server.client(patience_s=0.05).post("/rows", ROWS)
