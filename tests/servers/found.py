"""The search itself, the same for every kind of server."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass


@dataclass(frozen=True)
class Server:
    """A server that answered: where, and how it was found."""

    url: str
    origin: str


class ServerMissing(Exception):
    """No server of a kind was found; the message says in one line what to start."""


Search = Callable[[AsyncExitStack], Awaitable[Server]]
# Gives None to pass the search on. What it starts, it hands to the stack to be ended.
Finder = Callable[[AsyncExitStack], Awaitable[Server | None]]


async def first_found(finders: Sequence[Finder], stack: AsyncExitStack, otherwise: str) -> Server:
    for find in finders:
        if server := await find(stack):
            return server
    raise ServerMissing(otherwise)
