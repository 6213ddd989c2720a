"""`pacewatch devices`: the register of devices."""

from pathlib import Path
from typing import Annotated

import typer

from pacewatch.launcher.commands.options import Decimal, Delimiter, Email, TimeFormat, Url, console

app = typer.Typer(no_args_is_help=True, help="Record what devices are: when implanted, which model, vendor, lot, site.")


@app.callback()
def _group() -> None:
    """Keep `import` a command of a group."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a .csv of devices, in UTF-8")],
    reason: Annotated[str, typer.Option(help="why the register changes; kept with every change")] = "import",
    url: Url = "http://127.0.0.1:8080",
    email: Email = "",
    delimiter: Delimiter = ",",
    decimal: Decimal = ".",
    time_format: TimeFormat = "",
) -> None:
    """Record the devices of a file. Exit code 1 if a row was rejected; the others are recorded.

    Columns: the profile's device field, its attributes, and valid_from if a
    value holds only from a moment on. Dates are Unix seconds or ISO 8601. An
    empty field says nothing. Sending a file again changes nothing.
    """
    from pacewatch.launcher.client.connection import Connection  # noqa: PLC0415
    from pacewatch.launcher.client.devices import import_devices  # noqa: PLC0415

    connection = Connection.from_environment(url, email)
    options = {"delimiter": delimiter, "decimal": decimal, "time_format": time_format}
    raise typer.Exit(0 if import_devices(file, reason, connection, console, **options) else 1)
