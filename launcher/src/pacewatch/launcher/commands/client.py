"""Commands that send readings to a running platform: upload, seed."""

from pathlib import Path
from typing import Annotated

import typer

from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.telemetry import Mode
from pacewatch.launcher.commands.options import Decimal, Delimiter, Email, TimeFormat, Url, console


def upload(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a .csv, .ndjson or .parquet of readings")],
    url: Url = "http://127.0.0.1:8080",
    mode: Annotated[Mode, typer.Option(help="backfill stores history without scores or alerts")] = Mode.BACKFILL,
    email: Email = "",
    rejects: Annotated[
        Path | None, typer.Option(dir_okay=False, help="write the rejected rows, and why, to this .csv or .ndjson")
    ] = None,
    delimiter: Delimiter = ",",
    decimal: Decimal = ".",
    time_format: TimeFormat = "",
    dry_run: Annotated[bool, typer.Option(help="store nothing, and say what would be stored")] = False,
) -> None:
    r"""Send a file of readings and wait until it is stored. Exit code 1 if anything was rejected.

    Columns: the profile's device field (a number or a name), timestamp (Unix
    seconds or ISO 8601) and its signals, for a pacemaker as
    `pipelines/generate_data.py` writes them. The other columns of that script
    are ignored, and so are columns that only number the rows. Any further
    column makes the platform refuse the file. A bad row is rejected and the
    rest stored. Sending a file again stores nothing twice. After Ctrl-C the
    platform continues with the upload. `pacewatch check` says beforehand what
    would be stored.

        PACEWATCH_PASSWORD=secret pacewatch upload old.csv \
            --email you@clinic.example --rejects bad.csv
    """
    from pacewatch.launcher.client.connection import Connection  # noqa: PLC0415
    from pacewatch.launcher.client.upload import upload as send  # noqa: PLC0415

    connection = Connection.from_environment(url, email)
    options: dict[str, str | bool] = {
        "delimiter": delimiter,
        "decimal": decimal,
        "time_format": time_format,
        "dry_run": dry_run,
    }
    raise typer.Exit(0 if send(file, connection, mode, console, rejects, **options) else 1)


def check(
    path: Annotated[Path, typer.Argument(exists=True, help="a file, or a folder as `make report` takes one")],
    profile: Annotated[str, typer.Option(help="a built-in profile, or a .yaml or .py file")] = PACEMAKER.name,
    delimiter: Delimiter = ",",
    decimal: Decimal = ".",
    time_format: TimeFormat = "",
) -> None:
    """Say what would be taken of a file or folder, by column and kind of fault. Exit code 1 if something would not be.

    A file named outcomes, failures or devices is read as such, any other as
    readings. Nothing is sent. Readings that a platform has already are not
    looked up; `pacewatch upload --dry-run` says the same of a file.
    """
    from pacewatch.kit.tables.table import Dialect  # noqa: PLC0415
    from pacewatch.kit.tables.values.times import check_format  # noqa: PLC0415
    from pacewatch.launcher.operations.check import check as check_path  # noqa: PLC0415

    try:
        if time_format:
            check_format(time_format)
        dialect = Dialect(delimiter.replace("\\t", "\t"), decimal, time_format)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(0 if check_path(path, profile, dialect) else 1)


def seed(
    rows: Annotated[int, typer.Option(min=1, help="approximate number; the same gives the same history")] = 2_000_000,
    url: Url = "http://127.0.0.1:8080",
    email: Email = "",
) -> None:
    """Load a simulated history of pacemakers with its outcomes, once: a second run loads nothing again."""
    from pacewatch.launcher.client.connection import Connection  # noqa: PLC0415
    from pacewatch.launcher.client.seed import seed as load_history  # noqa: PLC0415

    raise typer.Exit(0 if load_history(rows, Connection.from_environment(url, email), console) else 1)
