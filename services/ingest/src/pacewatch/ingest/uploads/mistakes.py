"""Refuses at once what is no file of readings, with the command that sends it right."""

from collections.abc import AsyncIterator
from typing import Final

from pacewatch.ingest.uploads.schemas import UploadOptions
from pacewatch.kit.tables.errors import FileMistaken
from pacewatch.kit.tables.files.chunks import Format
from pacewatch.kit.tables.hints import HEAD_BYTES, PARQUET, mistaken_for

_COMMAND: Final = "curl --data-binary @FILE"


def refuse_form(content_type: str) -> None:
    """FileMistaken if the body is a form with a file in it."""
    if content_type.startswith("multipart/"):
        raise FileMistaken(f"this is a form, as curl -F sends; send the file itself as the body: {_COMMAND}")


async def refusing_mistaken(pieces: AsyncIterator[bytes], options: UploadOptions) -> AsyncIterator[bytes]:
    """The pieces of a body; FileMistaken if it begins as no file of its format does."""
    head, is_looked_at = b"", False
    async for piece in pieces:
        if not is_looked_at:
            head += piece[:HEAD_BYTES]
            is_looked_at = len(head) >= HEAD_BYTES
            _refuse_mistaken(head, options.format)
        yield piece


def _refuse_mistaken(head: bytes, kind: Format) -> None:
    is_parquet = head.startswith(PARQUET)
    hint = "" if kind is Format.PARQUET and is_parquet else mistaken_for(head)
    if kind is Format.PARQUET and len(head) >= len(PARQUET) and not is_parquet and not hint:
        hint = "this does not begin as Parquet does; say with format= what it is"
    if hint:
        name = Format.PARQUET if is_parquet else kind
        raise FileMistaken(f"{hint}: {_COMMAND} '.../telemetry/uploads?format={name}'")
