"""Passwords, hashed with Argon2id in threads of their own: each hash takes 19 MiB and one core, so two at a time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

MAX_PARALLEL: Final = 2

# From OWASP's Password Storage Cheat Sheet. A hash names its parameters, so these can be raised later.
_hasher: Final = PasswordHash([Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)])
_threads: Final = ThreadPoolExecutor(MAX_PARALLEL, thread_name_prefix="password")


async def hash_password(password: str) -> str:
    """The hash to store."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def matches(password: str, stored_hash: str | None) -> bool:
    """Whether the password matches the stored hash; without a stored hash the answer False takes equally long."""
    if stored_hash is None:
        await hash_password(password)
        return False
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.verify, password, stored_hash)
