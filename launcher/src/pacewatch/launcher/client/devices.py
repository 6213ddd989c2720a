"""Sends a CSV of devices to the register of a platform, in as many requests as it needs."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from pacewatch.contracts.devices import MAX_DEVICES_PER_REQUEST
from pacewatch.launcher.client.connection import Connection, json_of, raise_refusal
from pacewatch.launcher.errors import UploadError

DEVICES_PATH: Final = "/api/v1/devices"
_NO_VALID_ROW: Final = "no_valid_row"
_SHOWN_ERRORS: Final = 50


def import_devices(path: Path, reason: str, connection: Connection, console: Console, **options: str) -> bool:
    """Send the file. Returns whether every row was good. UploadError if the platform refused the file.

    `options` say how the file is written: delimiter, decimal, time_format.

    A row that is rejected keeps no other from being recorded; sending the file again changes nothing.
    """
    totals, errors, sent = dict.fromkeys(("changed", "unchanged", "rejected"), 0), list[Any](), 0
    with connection.open() as client:
        for count, text in _parts(path, options.get("delimiter", ",")):
            headers = {"Content-Type": "text/csv"}
            query = {"reason": reason, **options}
            response = client.post(DEVICES_PATH, params=query, content=text.encode(), headers=headers)
            is_report = response.status_code == 422 and response.json().get("code") == _NO_VALID_ROW
            if response.is_error and not is_report:
                raise_refusal(response)
            report = response.json() if is_report else json_of(response)
            totals = {name: total + report[name] for name, total in totals.items()}
            errors += [{**error, "row": sent + error["row"]} for error in report["errors"]]
            sent += count
    for error in errors[:_SHOWN_ERRORS]:
        line = f"row {error['row']}: {error['field'] or 'row'} {error['message']} ({error['code']})"
        console.print(f"[red]{escape(line)}[/red]", highlight=False, soft_wrap=True)
    console.print(", ".join(f"{total:,} {name}" for name, total in totals.items()), highlight=False)
    return not totals["rejected"]


def _parts(path: Path, delimiter: str) -> Iterator[tuple[int, str]]:
    """How many rows, and their text under the header of the file, part by part; UploadError if it is no CSV."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = (row for row in csv.reader(file, delimiter=delimiter, strict=True) if row)
            header = next(rows, [])
            while part := list(islice(rows, MAX_DEVICES_PER_REQUEST)):
                text = io.StringIO()
                csv.writer(text, delimiter=delimiter).writerows([header, *part])
                yield len(part), text.getvalue()
    except (UnicodeDecodeError, csv.Error) as error:
        raise UploadError(f"{path.name} is not a CSV in UTF-8: {error}") from None
