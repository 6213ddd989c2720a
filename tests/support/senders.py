"""Clients that send a batch until it is answered, whatever happens to the server, and sometimes lose their patience."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import httpx

from support.oracle import Answered
from support.workload import Batch

PATIENCE_S, IMPATIENCE_S = 30.0, (0.002, 0.05)


@dataclass
class Sender:
    """One client; `seen` counts what happened to it."""

    urls: Sequence[str]
    headers: dict[str, str]
    chance: random.Random
    seen: Counter[str]
    before_each: Callable[[], Awaitable[None]]
    answered: list[Answered] = field(default_factory=list)

    async def run(self, batches: Sequence[Batch]) -> None:
        """Send them one after the other."""
        async with httpx.AsyncClient(headers=self.headers) as client:
            for batch in batches:
                await self.before_each()
                await self._deliver(client, batch)

    async def _deliver(self, client: httpx.AsyncClient, batch: Batch) -> None:
        body, lost = batch.body(), 0
        while (answer := await self._attempt(client, batch, body, is_first=not lost)) is None:
            lost += 1
        assert answer.status_code == 200, answer.text[:500]
        self.answered.append(Answered(batch, answer.json(), lost))
        self.seen["lost answers"] += lost
        self.seen["first answers recovered by key"] += "Idempotency-Replayed" in answer.headers
        if batch.idempotency_key and self.chance.random() < 0.05:
            await self._repeat(client, batch, body, answer)

    async def _repeat(self, client: httpx.AsyncClient, batch: Batch, body: bytes, first: httpx.Response) -> None:
        while (again := await self._attempt(client, batch, body, is_first=False)) is None:
            pass
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
        self.seen["answers repeated"] += 1

    async def _attempt(
        self, client: httpx.AsyncClient, batch: Batch, body: bytes, *, is_first: bool
    ) -> httpx.Response | None:
        """The answer, or None when there is none: then nobody knows whether the rows are stored."""
        headers = {"Content-Type": batch.media_type}
        if batch.idempotency_key:
            headers["Idempotency-Key"] = batch.idempotency_key
        is_impatient = is_first and self.chance.random() < 0.05
        patience_s = self.chance.uniform(*IMPATIENCE_S) if is_impatient else PATIENCE_S
        try:
            async with asyncio.timeout(patience_s):
                answer = await self._send(client, body, headers)
            if answer.status_code != 503:
                return answer
            self.seen["answers of 503"] += 1
        except TimeoutError:
            self.seen["time-outs"] += 1
        except httpx.TransportError:
            self.seen["connections lost"] += 1
        return None

    async def _send(self, client: httpx.AsyncClient, body: bytes, headers: dict[str, str]) -> httpx.Response:
        while True:
            try:
                url = self.chance.choice(self.urls)
                return await client.post(url, content=body, headers=headers, timeout=None)
            except httpx.ConnectError:
                await asyncio.sleep(0.05)  # nobody is there: nothing was sent
