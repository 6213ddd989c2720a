"""Commands for developers: mailcatcher, schemas, keys."""

from pathlib import Path
from typing import Annotated

import typer

from pacewatch.kit import keys
from pacewatch.launcher.commands.options import console

Port = Annotated[int, typer.Option(help="web page")]


def mailcatcher(port: Port = 1080, smtp_port: int = 1025, folder: Path = Path(".mailcatcher")) -> None:
    """Catch mails instead of delivering them, and show them on a page."""
    from pacewatch.launcher.mailcatcher.server import run_mailcatcher  # noqa: PLC0415

    run_mailcatcher(smtp_port, port, folder)


def inbox(port: Port = 1080, smtp_port: int = 1025, folder: Path = Path(".inbox")) -> None:
    """The former name of `mailcatcher`, with the folder of that time."""
    mailcatcher(port, smtp_port, folder)


def schemas(
    check: Annotated[bool, typer.Option("--check", help="change nothing; exit code 1 if a file is stale")] = False,
) -> None:
    """Write the JSON Schemas, AsyncAPI, OpenAPI and .env.example files that describe the code."""
    from pacewatch.launcher.contract_files import generate  # noqa: PLC0415

    root = Path.cwd()
    stale = generate.stale(root) if check else generate.write(root)
    for name in stale:
        typer.echo(f"{'stale' if check else 'written'}: {name}")
    if check and stale:
        console.print("Run `pacewatch schemas` and commit the result.")
        raise typer.Exit(1)


def make_keys() -> None:
    """Print new signing keys as environment variables, for a deployment that manages its own secrets."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    for name in ("TOKEN", "ARTIFACT"):
        private = Ed25519PrivateKey.generate()
        typer.echo(f"PACEWATCH_{name}_PRIVATE_KEY={keys.to_base64(private.private_bytes_raw())}")
        typer.echo(f"PACEWATCH_{name}_PUBLIC_KEY={keys.to_base64(private.public_key().public_bytes_raw())}")
