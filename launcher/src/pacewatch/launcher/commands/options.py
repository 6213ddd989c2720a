"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pacewatch.launcher.runtime.modules import TARGETS

console = Console(stderr=True)

Url = Annotated[str, typer.Option(envvar="PACEWATCH_PUBLIC_URL", help="address of the platform")]
Email = Annotated[
    str, typer.Option(envvar="PACEWATCH_EMAIL", help="sign in with PACEWATCH_PASSWORD instead of PACEWATCH_TOKEN")
]


def _known(target: str) -> str:
    """Said before the settings are read: what a wrong target would need is not what is wrong."""
    if target != "all" and target not in TARGETS:
        raise typer.BadParameter(f"there is no {target!r}; there are: all, {', '.join(TARGETS)}")
    return target


Target = Annotated[str, typer.Option(callback=_known, help=f"all, or one of: {', '.join(TARGETS)}")]
Delimiter = Annotated[str, typer.Option(help="what separates the columns of a CSV: a comma, ';', '|' or a tab")]
Decimal = Annotated[str, typer.Option(help="the decimal sign of a CSV: . or ,")]
TimeFormat = Annotated[str, typer.Option(help="format of times that are no ISO 8601, such as '%d/%m/%Y %H:%M'")]
MachineData = Annotated[
    Path | None, typer.Option(envvar="DATA", help="folder of recorded machines; default: those of the checkout")
]
