"""Live rows while ingest and inference are killed and the model cannot be read, again and again.

Every accepted row is scored in the end. For 200 devices that come into danger an oracle computes each risk from what
was sent: the scores have its bits, and each device whose risk reaches the threshold causes one mail, the others none.
`PACEWATCH_TEST_CROSSING_ROWS` sets another size, as `make prove-doors` does; `PACEWATCH_TEST_SEED` repeats a run.
"""

import asyncio
import os
import random
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from load.doors.unscored import unreadable
from support.fleets import Row, dying, healthy
from support.inference.models import DYING, THRESHOLD, engine
from support.ingest_oracle.batches import Batch, Reading
from support.ingest_oracle.senders import Sender
from support.platform.processes import Process
from support.platform.scoring import PAST_DAYS, Scoring, scoring_processes

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.columns.readings import Readings
from pacewatch.ml.features.compute import predictor_matrix

pytestmark = pytest.mark.long

ROWS = int(os.environ.get("PACEWATCH_TEST_CROSSING_ROWS", "20000"))
CLIENTS, DEVICES, CROSSINGS, HOUR_S = 8, 2_000, 200, 3_600
HOURS = ROWS // DEVICES
FIRST_DEVICE = 7_000_000
Note = Callable[[str, str], None]


@pytest.mark.timeout(900)  # three minutes on an idle machine
async def test_every_crossing_gets_its_one_mail(
    new_database: Callable[[], Awaitable[str]], amqp_url: str, tmp_path: Path, note: Note
) -> None:
    seed = int(os.environ.get("PACEWATCH_TEST_SEED", str(secrets.randbelow(10**6))))
    note("crossings", f"PACEWATCH_TEST_SEED={seed}")
    chance = random.Random(seed)
    began_s, now_s = time.monotonic(), int(time.time())
    crossed_at = dict.fromkeys(chance.sample(range(FIRST_DEVICE, FIRST_DEVICE + DEVICES), CROSSINGS), 0)
    crossed_at = {device: chance.randrange(HOURS) for device in crossed_at}
    async with scoring_processes(await new_database(), amqp_url, tmp_path, ingests=2) as scoring:
        await scoring.give_history(range(FIRST_DEVICE, FIRST_DEVICE + DEVICES), now_s - HOURS * HOUR_S)
        seen = await send(scoring, chance, crossed_at, now_s)
        sent_s = time.monotonic() - began_s
        unscored = await scoring.until_scored(300)
        expected = await asyncio.to_thread(expected_risks, crossed_at, now_s)
        crossed = {device for (device, _), risk in expected.items() if risk >= THRESHOLD}
        mails = await scoring.until_mails(len(crossed))
        rows = await scoring.fetchval("SELECT sum(accepted) FROM ingest.batches WHERE mode = 'live'")
        marked = await scoring.fetchval("SELECT count(*) FROM inference.devices WHERE unscored_since_s IS NOT NULL")
        risks = await current_risks(scoring, list(crossed_at))
    figures = f"{rows} rows sent in {sent_s:.0f} s, {unscored} unscored; {sum(mails.values())} mails, {dict(seen)}"
    note("crossings", f"PACEWATCH_TEST_SEED={seed}: {figures}")
    assert rows == HOURS * DEVICES
    assert (unscored, marked) == (0, 0)
    assert risks == expected
    assert mails == Counter(crossed)
    assert len(crossed) >= CROSSINGS / 4
    assert seen["restarted without a model"]


async def current_risks(scoring: Scoring, devices: Sequence[int]) -> dict[tuple[int, int], float]:
    """The risk of every live reading of these devices."""
    query = """
        SELECT device_id, timestamp_s, risk FROM inference.predictions
        WHERE superseded_at IS NULL AND device_id = ANY($1::bigint[])"""
    return {(row[0], row[1]): row[2] for row in await scoring.fetch(query, devices)}


def expected_risks(crossed_at: Mapping[int, int], now_s: int) -> dict[tuple[int, int], float]:
    """The risks of these devices' live readings, computed from all their readings at once."""
    began_s = now_s - HOURS * HOUR_S
    rows = [healthy(one, began_s - day * SECONDS_PER_DAY) for one in crossed_at for day in range(1, PAST_DAYS + 1)]
    rows += [live_row(device, hour, crossed_at, now_s) for device in crossed_at for hour in range(HOURS)]
    signals = {name: [row[name] for row in rows] for name in PACEMAKER.signal_names}
    device_ids, seconds = ([row[name] for row in rows] for name in (PACEMAKER.device_field, "timestamp"))
    readings = Readings.of_lists(device_ids, seconds, signals).ordered()
    risks = engine().predict_proba(predictor_matrix(PACEMAKER, readings)).tolist()
    pairs = zip(readings.pairs(), risks, strict=True)
    return {(device, second): risk for (device, second), risk in pairs if second > began_s}


def live_row(device: int, hour: int, crossed_at: Mapping[int, int], now_s: int) -> Row:
    """The reading of an hour: a device that came into danger stays there. No reading is at a hard limit."""
    second = now_s - (HOURS - 1 - hour) * HOUR_S
    if hour < crossed_at.get(device, HOURS):
        return healthy(device, second)
    return dying(device, second) | {"battery_voltage_v": DYING[3]}


async def send(scoring: Scoring, chance: random.Random, crossed_at: Mapping[int, int], now_s: int) -> Counter[str]:
    """Send everything, by eight clients at once, through every fault."""
    ingests = [process for name, process in scoring.platform.processes.items() if name.startswith("ingest")]
    urls = [f"http://127.0.0.1:{process.port}/api/v1/telemetry/ingest" for process in ingests]
    headers = {"Authorization": scoring.platform.client.headers["Authorization"]}
    seen, done = Counter[str](), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_breaking(scoring, random.Random(chance.random()), seen, done))
        group.create_task(keep_killing(ingests, random.Random(chance.random()), seen, done))
        async with asyncio.TaskGroup() as sending:
            for number in range(CLIENTS):
                own = random.Random(chance.random())
                sender = Sender(urls, headers, own, seen, partial(asyncio.sleep, 0))
                sending.create_task(sender.run(list(batches_of(number, own, crossed_at, now_s))))
        done.set()
    return seen


async def keep_killing(
    ingests: Sequence[Process], chance: random.Random, seen: Counter[str], done: asyncio.Event
) -> None:
    """Kill one of the processes of ingest at random moments."""
    while not done.is_set():
        await asyncio.sleep(chance.uniform(2, 6))
        victim = chance.choice(ingests)
        await victim.kill()
        await victim.start()
        await victim.ready()
        seen["ingest killed"] += 1


async def keep_breaking(scoring: Scoring, chance: random.Random, seen: Counter[str], done: asyncio.Event) -> None:
    """Kill inference at random moments, and let the next one find no model for a while."""
    while not done.is_set():
        await asyncio.sleep(chance.uniform(0.5, 4))
        await scoring.inference.kill()
        with unreadable(scoring.artifacts):
            await scoring.inference.start()
            assert (await scoring.ready()).status_code == 503
            await asyncio.sleep(chance.uniform(0.5, 3))
        seen["restarted without a model"] += 1
        await scoring.inference.ready()


def batches_of(client: int, chance: random.Random, crossed_at: Mapping[int, int], now_s: int) -> Iterator[Batch]:
    """Readings of a client's own devices, hour by hour."""
    own = range(FIRST_DEVICE + client, FIRST_DEVICE + DEVICES, CLIENTS)
    readings = list[Reading]()
    for hour in range(HOURS):
        for device in own:
            row = live_row(device, hour, crossed_at, now_s)
            readings.append(Reading((device, row["timestamp"]), tuple(row[name] for name in PACEMAKER.signal_names)))
    while readings:
        size = chance.randint(100, 1_000)
        key = secrets.token_hex(8) if chance.random() < 0.5 else None
        yield Batch(readings[:size], key, "application/json")
        del readings[:size]
