"""The platform's own exam: `make prove-year`, at most 20 minutes on two idle cores.

A thousand simulated devices through the real services in one process: a year of history, then a live year in which a
model is trained every 30 days, with the default settings. What really happened to each device is kept apart: it judges.

- A failure is caught if an alert of its device was open when it failed and was raised at most 90 days before.
- A mail is right if its device fails within 30 days of it.

The last line is JSON. Exit code 1 names each promise that is broken.
"""

import argparse
import asyncio
import json
import pickle
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from pacewatch.kit import logs

sys.path.insert(0, str(Path(__file__).parents[1]))

from load.year import figures, text
from load.year.live import COLUMNS, Plan, live_year
from load.year.record import Raised, Year

LEAST_CAUGHT, LEAST_RIGHT, TIMES_RULE, TIMES_SHARE = 0.55, 0.20, 2.0, 2.0
DECIMALS = 3


def result(year: Year, rule: Raised) -> dict[str, Any]:
    """The line of JSON."""
    raised, failures = year.raised, year.failures
    is_right = figures.right(raised, year.failed_s)
    week = figures.right(raised, year.failed_s, figures.HORIZON_DAYS)
    promoted = len(figures.promoted(year))
    shares = {
        "caught": figures.caught(raised, failures)[0],
        "caught_rule": figures.caught(rule, failures)[0],
        "right": float(is_right.mean()) if len(is_right) else 0.0,
        "right_7d": float(week.mean()) if len(week) else 0.0,
        "devices_mailed_again_share": figures.mailed_again(raised),
        "mails_new_devices_share": figures.mails_of_new(year),
        "new_devices_share": figures.readings_of_new(year),
    }
    return {
        "bench": "year",
        "failures": len(failures),
        "mails": int(raised.mailed.sum()),
        "median_lead_days": figures.median_lead_days(raised, failures),
        "mails_after_end": int(figures.is_after_end(year).sum()),
        "promoted": promoted,
        "kept_back": len(year.models) - promoted,
        **{name: round(share, DECIMALS) for name, share in shares.items()},
    }


def broken(year: Year, found: Mapping[str, Any]) -> list[str]:
    """The promises that these figures break, in words."""
    new, share = found["mails_new_devices_share"], found["new_devices_share"]
    checks = {
        f"caught is {found['caught']}, at least {LEAST_CAUGHT} is promised": found["caught"] >= LEAST_CAUGHT,
        f"the hand rule catches {found['caught_rule']}, so more than {TIMES_RULE:g} times that is promised": (
            found["caught"] > TIMES_RULE * found["caught_rule"]
        ),
        f"right is {found['right']}, at least {LEAST_RIGHT} is promised": found["right"] >= LEAST_RIGHT,
        f"{new} of mails are about devices under 90 days, {share} of readings": new <= TIMES_SHARE * share,
        f"promoted below the hand rule: {figures.below_hand_rule(year)}": not figures.below_hand_rule(year),
        "an alert has no mail, or more than one": bool((year.raised.mailed == 1).all()),
    }
    return [words for words, kept in checks.items() if not kept]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=1_000, help="size of the fleet; ended devices are replaced")
    parser.add_argument("--enrich", type=float, default=8, help="failures as a multiple of what is realistic")
    parser.add_argument("--seed", type=int, default=7, help="of the fleet")
    parser.add_argument("--history-days", type=int, default=365, help="days before the first live one")
    parser.add_argument("--days", type=int, default=365, help="live days")
    parser.add_argument("--every-days", type=int, default=30, help="days between trainings")
    parser.add_argument("--keep", type=Path, help="write what happened here, or judge it again if the file is there")
    options = parser.parse_args()
    sizes = (options.devices, options.enrich, options.seed, options.history_days, options.days, options.every_days)
    logs.configure("console", "WARNING")
    console, began_s = Console(stderr=True), time.monotonic()
    year = _recorded(options.keep) or _live(Plan(*sizes), console)
    if options.keep:
        options.keep.write_bytes(pickle.dumps(year))
    rule = text.by_hand_rule(year)
    for line in text.render(year, rule):
        console.print(line, highlight=False, soft_wrap=True)
    found = result(year, rule)
    reasons = broken(year, found)
    for line in [*reasons, f"{(time.monotonic() - began_s) / 60:.1f} minutes"]:
        console.print(line, highlight=False, soft_wrap=True)
    sys.stdout.write(json.dumps(found) + "\n")
    return 1 if reasons else 0


def _recorded(path: Path | None) -> Year | None:
    """A year that an earlier call of one's own has kept."""
    return pickle.loads(path.read_bytes()) if path and path.exists() else None


def _live(plan: Plan, console: Console) -> Year:
    with (
        tempfile.TemporaryDirectory(prefix="pacewatch-year-") as folder,
        Progress(*COLUMNS, console=console) as progress,
    ):
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another user, who keeps its data here
        return asyncio.run(live_year(plan, Path(folder), progress))


if __name__ == "__main__":
    sys.exit(main())
