"""`trainer-agent run`: a step of a pipeline, with exit code and JUnit file, that works without a broker."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest
from support.waiting import until

from pacewatch.kit.messaging.bus import Verdict
from pacewatch.kit.messaging.envelope import Envelope
from pacewatch.kit.messaging.rabbitmq import RabbitBus
from pacewatch.launcher.runtime.modules import queues
from pacewatch.trainer_agent.runs.subprocess import environment

from .conftest import Trainer

pytestmark = pytest.mark.early

COMMAND = [sys.executable, "-c", "from pacewatch.launcher.trainer_cli.app import app; app()"]
QUICK = ["--param", "algorithm=logistic_regression", "--param", "random_state=3"]


async def trainer_agent(trainer: Trainer, *arguments: str, **variables: str) -> tuple[int, str]:
    """Exit code and output."""
    settings = environment(trainer.kit, trainer.own) | variables
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, env=os.environ | settings, stdout=PIPE, stderr=PIPE
    )
    output = await process.communicate()
    assert process.returncode is not None
    return process.returncode, b"".join(output).decode()


def suite_in(path: Path) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """(counts, properties, message of each test case, "" for a passed one) of a JUnit file."""
    suite = ElementTree.parse(path).getroot()
    properties = {one.attrib["name"]: one.attrib["value"] for one in suite.iter("property")}
    cases = {case.attrib["name"]: case.findtext("failure", "") for case in suite.iter("testcase")}
    return {name: suite.attrib[name] for name in ("tests", "failures")}, properties, cases


async def test_run_succeeds_without_a_broker(loaded: Trainer, tmp_path: Path) -> None:
    run_id = uuid4()
    options = ["--run-id", str(run_id), "--reason", "nightly", "--junit", str(tmp_path / "new" / "run.xml")]
    code, output = await trainer_agent(loaded, "run", *options, *QUICK)
    row = await loaded.run_row(run_id)
    assert (code, row["status"], row["reason"]) == (0, "succeeded", "nightly"), output
    assert f"model {row['model_version']}" in output
    assert '"random_state": 3' in row["parameters"]
    counts, properties, cases = suite_in(tmp_path / "new" / "run.xml")
    assert (counts, properties["version"]) == ({"tests": "4", "failures": "0"}, row["model_version"])
    assert cases == {"pull": "", "train": "", "champion": "", "store": ""}
    assert 0 < float(properties["accuracy"]) <= 1
    assert (await loaded.event_types())[-1] == "model.candidate"  # waits for any relay of this agent


async def test_failed_run_prints_the_reason_and_exits_with_one(trainer: Trainer, tmp_path: Path) -> None:
    code, output = await trainer_agent(trainer, "run", "--junit", str(tmp_path / "run.xml"))
    assert code == 1
    assert "there are no readings yet; send telemetry first" in " ".join(output.split())
    assert "Traceback" not in output
    counts, _, cases = suite_in(tmp_path / "run.xml")
    assert counts == {"tests": "1", "failures": "1"}
    assert cases == {"pull": "there are no readings yet; send telemetry first"}


async def test_invalid_parameter_is_refused_before_the_run(trainer: Trainer) -> None:
    code, output = await trainer_agent(trainer, "run", "--param", "n_estimators")
    assert code == 2
    assert "give a name and a value" in output
    assert await trainer.platform.fetchval("SELECT count(*) FROM trainer_agent.runs") == 0


async def test_interrupted_run_continues_under_its_id(loaded: Trainer) -> None:
    run_id = uuid4()
    long = ["run", "--run-id", str(run_id), "--param", "algorithm=random_forest", "--param", "n_estimators=150"]
    variables = os.environ | environment(loaded.kit, loaded.own)
    process = await asyncio.create_subprocess_exec(*COMMAND, *long, env=variables, stderr=PIPE)

    async def is_in_kfold() -> bool:
        row = await loaded.run_row(run_id)
        return row is not None and row["stage"] == "kfold"

    await until(is_in_kfold)
    process.send_signal(signal.SIGTERM)
    _, output = await process.communicate()
    assert process.returncode == 130
    assert f"--run-id {run_id}" in output.decode()
    assert (await loaded.run_row(run_id))["lease_token"] is None
    code, again = await trainer_agent(loaded, *long)
    row = await loaded.run_row(run_id)
    assert (code, row["status"], row["attempts"]) == (0, "succeeded", 2), again
    stages = await loaded.platform.fetch("SELECT convert_from(data, 'UTF8') AS data FROM trainer_agent.outbox")
    fits = len(json.loads(row["metrics"])["origins"]) + 1  # and the final one
    assert sum("from the checkpoint" in row["data"] for row in stages) == 1 + fits  # the readings as well


async def test_run_publishes_its_events_if_there_is_a_broker(trainer: Trainer, amqp_url: str, amqp_prefix: str) -> None:
    prefix = f"{amqp_prefix}cli."
    bus = RabbitBus(amqp_url, queues(), prefix=prefix)
    [queue] = [queue for queue in queues() if queue.name == "registry.on_training_failed"]
    failed: list[UUID] = []

    async def deliver(envelope: Envelope) -> Verdict:
        failed.append(UUID(envelope.subject))
        return Verdict.DONE

    consuming = asyncio.create_task(bus.consume(queue, deliver))
    run_id = uuid4()
    try:
        variables = {"PACEWATCH_AMQP_URL": amqp_url, "PACEWATCH_AMQP_PREFIX": prefix}
        code, output = await trainer_agent(trainer, "run", "--run-id", str(run_id), **variables)
        assert code == 1, output
        assert await trainer.event_types() == []

        async def has_arrived() -> bool:
            return failed == [run_id]

        await until(has_arrived)
    finally:
        consuming.cancel()
        await asyncio.gather(consuming, return_exceptions=True)
        await bus.delete_topology()
        await bus.close()
