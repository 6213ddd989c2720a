"""Commands for developers and for setting up a deployment: mailcatcher, schemas, keys, broker-accounts."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pacewatch.kit import keys
from pacewatch.kit.errors import ConfigurationError
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


def show_broker_accounts() -> None:
    """Print the services' accounts for `rabbitmqctl import_definitions`, where RabbitMQ has no management API."""
    from pacewatch.kit.settings import KitSettings, load  # noqa: PLC0415
    from pacewatch.launcher.runtime.broker_accounts import definitions  # noqa: PLC0415
    from pacewatch.launcher.runtime.migrate import checked_accounts  # noqa: PLC0415
    from pacewatch.launcher.runtime.rights import rights  # noqa: PLC0415

    settings = load(KitSettings)
    accounts = checked_accounts(settings)
    if accounts is None:
        raise ConfigurationError("PACEWATCH_ACCOUNTS: it is empty, so services have no accounts of their own")
    url, prefix = settings.amqp_url.get_secret_value(), settings.amqp_prefix
    typer.echo(json.dumps(definitions(rights(), accounts, url, prefix), indent=2))


def make_keys(
    show: Annotated[bool, typer.Option("--show", help="make none; print the ids of the keys in use")] = False,
) -> None:
    """Print new signing keys as environment variables, for a deployment that manages its own secrets."""
    if show:
        _show_keys()
        return
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    for name in ("TOKEN", "ARTIFACT"):
        private = Ed25519PrivateKey.generate()
        typer.echo(f"# key {keys.key_id(private.public_key())}")
        typer.echo(f"PACEWATCH_{name}_PRIVATE_KEY={keys.to_base64(private.private_bytes_raw())}")
        typer.echo(f"PACEWATCH_{name}_PUBLIC_KEY={keys.to_base64(private.public_key().public_bytes_raw())}")


def _show_keys() -> None:
    from pacewatch.kit.settings import KitSettings, load  # noqa: PLC0415

    settings = load(KitSettings)
    for name, pair in (("token", settings.token_keys()), ("artifact", settings.artifact_keys())):
        trusted, signing = pair.ids()
        typer.echo(f"{name}: signs with {signing or 'none here'}, trusts {', '.join(trusted) or 'none yet'}")
