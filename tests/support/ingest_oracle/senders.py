"""Clients that repeat a batch until it is answered, through crashes of the server and time-outs of their own."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import httpx
from support.ingest_oracle.batches import Batch
from support.ingest_oracle.oracle import Answered

TIMEOUT_S, SHORT_TIMEOUT_S = 30.0, (0.002, 0.05)


@dataclass
class Sender:
    """One client; `seen` counts what happened, for all clients; `before_each` runs before each batch."""

    urls: Sequence[str]
    headers: dict[str, str]
    rng: random.Random
    seen: Counter[str]
    before_each: Callable[[], Awaitable[None]]
    answered: list[Answered] = field(default_factory=list)

    async def run(self, batches: Sequence[Batch]) -> None:
        """Send the batches one after another."""
        async with httpx.AsyncClient(headers=self.headers) as client:
            for batch in batches:
                await self.before_each()
                await self._send_until_answered(client, batch)

    async def _send_until_answered(self, client: httpx.AsyncClient, batch: Batch) -> None:
        body, lost = batch.body(), 0
        while (answer := await self._attempt(client, batch, body, is_first=not lost)) is None:
            lost += 1
        assert answer.status_code == 200, answer.text[:500]
        self.answered.append(Answered(batch, answer.json(), lost))
        self.seen["lost answers"] += lost
        self.seen["first answers returned by key"] += "Idempotency-Replayed" in answer.headers
        if batch.idempotency_key and self.rng.random() < 0.05:
            await self._check_repeat(client, batch, body, answer)

    async def _check_repeat(self, client: httpx.AsyncClient, batch: Batch, body: bytes, first: httpx.Response) -> None:
        while (repeated := await self._attempt(client, batch, body, is_first=False)) is None:
            pass
        assert (repeated.status_code, repeated.content) == (first.status_code, first.content)
        assert repeated.headers["Idempotency-Replayed"] == "true"
        self.seen["answers repeated"] += 1

    async def _attempt(
        self, client: httpx.AsyncClient, batch: Batch, body: bytes, *, is_first: bool
    ) -> httpx.Response | None:
        """The answer; None if it was lost: then the client does not know whether the rows are stored."""
        headers = {"Content-Type": batch.media_type}
        if batch.idempotency_key:
            headers["Idempotency-Key"] = batch.idempotency_key
        has_short_timeout = is_first and self.rng.random() < 0.05
        timeout_s = self.rng.uniform(*SHORT_TIMEOUT_S) if has_short_timeout else TIMEOUT_S
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._post(client, body, headers)
            if answer.status_code != 503:
                return answer
            self.seen["answers of 503"] += 1
        except TimeoutError:
            self.seen["time-outs"] += 1
        except httpx.TransportError:
            self.seen["connections lost"] += 1
        return None

    async def _post(self, client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> httpx.Response:
        while True:
            try:
                url = self.rng.choice(self.urls)
                return await client.post(url, content=body, headers=headers, timeout=None)
            except httpx.ConnectError:
                await asyncio.sleep(0.05)  # no server on this port: nothing was sent
