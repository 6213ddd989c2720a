"""`pacewatch`: operate and develop the platform from a shell."""

import sys
from collections.abc import Callable

import typer

from pacewatch.kit.errors import ConfigurationError, PacewatchError
from pacewatch.launcher.commands import client, dead_letters, demo, development, devices, operations, platform, version
from pacewatch.launcher.commands.options import console

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
app.callback()(version.options)

COMMANDS: dict[str, Callable[..., None]] = {
    "serve": platform.serve,
    "migrate": platform.migrate,
    "doctor": platform.doctor,
    "demo": demo.demo,
    "replay-machine": demo.replay_machine,
    "verify-scores": operations.verify_scores,
    "reconcile": operations.reconcile,
    "upload": client.upload,
    "check": client.check,
    "seed": client.seed,
    "retention": operations.retention,
    "mailcatcher": development.mailcatcher,
    "schemas": development.schemas,
    "keys": development.make_keys,
    "broker-accounts": development.show_broker_accounts,
}
# Former names. They still work, and --help does not list them.
FORMER_COMMANDS: dict[str, Callable[..., None]] = {"replay": operations.verify_scores, "inbox": development.inbox}

for name, command in COMMANDS.items():
    app.command(name)(command)
for name, command in FORMER_COMMANDS.items():
    app.command(name, hidden=True)(command)
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(devices.app, name="devices")


def main() -> None:
    """Run the command line. Expected errors are printed without a traceback."""
    try:
        app()
    except ConfigurationError as error:
        console.print(f"[red]The settings are not complete:[/red]\n{error}", highlight=False)
        sys.exit(2)
    except (PacewatchError, FileNotFoundError) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
