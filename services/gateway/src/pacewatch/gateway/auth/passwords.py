"""Passwords, hashed with Argon2id in threads of their own: each takes 19 MiB and a whole core, so few at a time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

AT_ONCE: Final = 2

# OWASP's Password Storage Cheat Sheet; a hash says with what it was made, so these can be raised later.
_hasher: Final = PasswordHash([Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)])
_threads: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")


async def hash_password(password: str) -> str:
    """What to store."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password stored; with nothing stored it takes as long to say no."""
    if stored is None:
        await hash_password(password)
        return False
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.verify, password, stored)
