"""`pacewatch --version`."""

from typing import Annotated

import typer

from pacewatch.contracts.version import VERSION


def _show_version(requested: bool) -> None:
    if requested:
        typer.echo(f"pacewatch {VERSION}")
        raise typer.Exit()


def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="show the version and exit")
    ] = False,
) -> None:
    """Options of `pacewatch` itself, before the name of a command."""
