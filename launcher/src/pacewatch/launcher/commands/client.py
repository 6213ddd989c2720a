"""Commands that send readings to a running platform: upload, seed."""

from pathlib import Path
from typing import Annotated

import typer

from pacewatch.contracts.telemetry import Mode
from pacewatch.launcher.commands.options import Email, Url, console


def upload(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a .csv, .ndjson or .parquet of readings")],
    url: Url = "http://127.0.0.1:8080",
    mode: Annotated[Mode, typer.Option(help="backfill stores history without scores or alerts")] = Mode.BACKFILL,
    email: Email = "",
    rejects: Annotated[
        Path | None, typer.Option(dir_okay=False, help="write the rejected rows, and why, to this .csv or .ndjson")
    ] = None,
) -> None:
    r"""Send a file of readings and wait until it is stored. Exit code 1 if anything was rejected.

    Columns: the profile's device field, timestamp (whole Unix seconds, UTC)
    and its signals, for a pacemaker as `pipelines/generate_data.py` writes
    them. The other columns of that script are ignored. Any further column
    makes the platform refuse the file. A bad row is rejected and the rest
    stored. Sending a file again stores nothing twice. After Ctrl-C the
    platform continues with the upload.

        PACEWATCH_PASSWORD=secret pacewatch upload old.csv \
            --email you@clinic.example --rejects bad.csv
    """
    from pacewatch.launcher.client.connection import Connection  # noqa: PLC0415
    from pacewatch.launcher.client.upload import upload as send  # noqa: PLC0415

    connection = Connection.from_environment(url, email)
    raise typer.Exit(0 if send(file, connection, mode, console, rejects) else 1)


def seed(
    rows: Annotated[int, typer.Option(min=1, help="approximate number; the same gives the same history")] = 2_000_000,
    url: Url = "http://127.0.0.1:8080",
    email: Email = "",
) -> None:
    """Load a simulated history of pacemakers with its outcomes, once: a second run loads nothing again."""
    from pacewatch.launcher.client.connection import Connection  # noqa: PLC0415
    from pacewatch.launcher.client.seed import seed as load_history  # noqa: PLC0415

    raise typer.Exit(0 if load_history(rows, Connection.from_environment(url, email), console) else 1)
