"""A signing key is replaced in three steps, and while processes of two steps run side by side no request is refused."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import product
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr
from support.platform.in_process import InProcess, run_in_process

from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.keys import to_base64
from pacewatch.kit.settings import KitSettings
from pacewatch.launcher.runtime import serve

ACCOUNT = {"PACEWATCH_SUPERUSER_EMAIL": "ada@example.org", "PACEWATCH_SUPERUSER_PASSWORD": "a long enough password"}
OLD, NEW, OTHER = (Ed25519PrivateKey.generate() for _ in range(3))


def private(key: Ed25519PrivateKey) -> SecretStr:
    return SecretStr(to_base64(key.private_bytes_raw()))


def public(*keys: Ed25519PrivateKey) -> SecretStr:
    return SecretStr(", ".join(to_base64(key.public_key().public_bytes_raw()) for key in keys))


# The steps: which key signs, which keys are accepted.
STEPS = {"before": (OLD, (OLD,)), "trust": (OLD, (OLD, NEW)), "sign": (NEW, (OLD, NEW)), "forget": (NEW, (NEW,))}


@pytest.fixture(scope="module")
async def processes(
    new_database: Callable[[], Awaitable[str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, InProcess]]:
    """A gateway in each step, all on one database."""
    url, folder = SecretStr(await new_database()), tmp_path_factory.mktemp("no-secrets")
    async with AsyncExitStack() as stack:
        running = {}
        for step, (signs, accepted) in STEPS.items():
            settings = KitSettings(
                database_url=url,
                secrets_dir=folder,
                token_private_key=private(signs),
                token_public_key=public(*accepted),
            )
            running[step] = await stack.enter_async_context(run_in_process(settings, ["gateway"], ACCOUNT))
        yield running


async def answers(processes: dict[str, InProcess], steps: tuple[str, str]) -> dict[tuple[str, str], int]:
    """What a process of the second step answers to a token of the first, for all pairs of these steps."""
    found = {}
    for issuer, verifier in product(steps, repeat=2):
        async with httpx.AsyncClient(base_url=f"{processes[issuer].url}/api/v1") as client:
            form = {"username": "ada@example.org", "password": "a long enough password"}
            token = (await client.post("/auth/login", data=form)).raise_for_status().json()["access_token"]
        async with httpx.AsyncClient(base_url=f"{processes[verifier].url}/api/v1") as client:
            response = await client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
            found[issuer, verifier] = response.status_code
    return found


@pytest.mark.parametrize("steps", [("before", "trust"), ("trust", "sign"), ("sign", "forget")])
async def test_processes_of_neighbouring_steps_accept_each_others_tokens(
    processes: dict[str, InProcess], steps: tuple[str, str]
) -> None:
    assert set((await answers(processes, steps)).values()) == {200}


async def test_after_the_last_step_tokens_of_the_old_key_are_refused(processes: dict[str, InProcess]) -> None:
    found = await answers(processes, ("before", "forget"))
    assert (found["before", "forget"], found["forget", "before"]) == (401, 401)


@pytest.mark.parametrize(
    ("target", "name"), [("gateway", "token"), ("all", "token"), ("trainer-agent", "artifact"), ("all", "artifact")]
)
def test_a_process_that_signs_does_not_start_with_halves_of_different_pairs(
    tmp_path: Path, target: str, name: str
) -> None:
    settings = KitSettings(
        database_url=SecretStr("postgresql://nobody@127.0.0.1/nothing"),
        amqp_url=SecretStr("amqp://nobody@127.0.0.1/"),
        secrets_dir=tmp_path,
        **{f"{name}_private_key": private(OTHER), f"{name}_public_key": public(OLD, NEW)},
    )
    with pytest.raises(ConfigurationError, match=f"the {name} private key is"):
        serve.prepare(target, settings)
