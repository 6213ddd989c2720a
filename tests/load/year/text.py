"""The exam's figures as text: by month, in all, beside the hand rule, and at other alert budgets."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from load.year import figures
from load.year.episodes import episodes, with_as_many
from load.year.figures import Interval
from load.year.record import Raised, Scored, Year

from pacewatch.contracts.profile import SECONDS_PER_DAY
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.kit.columns.arrays import Floats
from pacewatch.ml.evaluation.baselines import hand_rule

MONTH_S = 30 * SECONDS_PER_DAY


def render(year: Year, rule: Raised) -> Iterator[str]:
    """The whole text; `rule` is what the hand rule would have raised at as many mails."""
    yield from _months(year)
    yield ""
    yield from _summary(year, rule)
    yield ""
    yield from _trade_off(year)
    yield ""
    yield from _models(year)


def by_hand_rule(year: Year) -> Raised:
    """What the hand rule would have raised on the same readings, at one threshold, with at most as many mails."""
    values = np.column_stack([year.readings[name] for name in PACEMAKER.signal_names])
    received_s = year.readings["received_s"].astype(np.float64)
    words = np.full(len(received_s), "hand rule")
    nothing = np.zeros(len(received_s), dtype=np.bool_)
    scored = Scored(year.readings["device_id"], received_s, hand_rule(PACEMAKER, values), nothing, words)
    return with_as_many(scored, len(year.raised.device))


MONTHLY = ("failures", "caught", "lead days", "mails", "right", "a caught one", "again", "new", "after end", "models")


def _months(year: Year) -> Iterator[str]:
    """One line a month; `again`: mails about devices that had one before; `new`: about devices under 90 days."""
    yield "month     " + "".join(f"{name:>14}" for name in MONTHLY)
    raised, leads = year.raised, figures.lead_days(year.raised, year.failures)
    failed_s = np.array([failure.occurred_at_s for failure in year.failures])
    again = np.ones(len(raised.device), dtype=np.bool_)
    again[np.unique(raised.device, return_index=True)[1]] = False
    of_mail = (figures.right(raised, year.failed_s), again, figures.is_new(year), figures.is_after_end(year))
    for start_s in range(year.from_s, year.to_s, MONTH_S):
        lead = leads[(failed_s >= start_s) & (failed_s < start_s + MONTH_S)]
        mailed = (raised.at_s >= start_s) & (raised.at_s < start_s + MONTH_S)
        hits = lead[~np.isnan(lead)]
        middle = f"{np.median(hits):.1f}" if len(hits) else "-"
        burden = f"{mailed.sum() / len(hits):.1f}" if len(hits) else "-"
        is_right, repeated, new, late = (int(column[mailed].sum()) for column in of_mail)
        cells = (len(lead), len(hits), middle, int(mailed.sum()), is_right, burden, repeated, new, late)
        yield _date(start_s) + "".join(f"{cell:>14}" for cell in (*cells, _verdicts(year, start_s)))


def _verdicts(year: Year, start_s: int) -> str:
    """The verdicts on the models of a month that begins then, in words."""
    found = [model["judgement"]["verdict"] for model in year.models if model["version"][:8] in _days(start_s)]
    return ", ".join(found) or "-"


def _days(start_s: int) -> set[str]:
    return {_date(at_s).replace("-", "") for at_s in range(start_s, start_s + MONTH_S, SECONDS_PER_DAY)}


def _summary(year: Year, rule: Raised) -> Iterator[str]:
    raised, failures, mails = year.raised, year.failures, int(year.raised.mailed.sum())
    caught, is_right = figures.caught(raised, failures), figures.right(raised, year.failed_s)
    week = figures.right(raised, year.failed_s, figures.HORIZON_DAYS)
    hits, lead = caught[0] * len(failures), figures.median_lead_days(raised, failures)
    yield f"failures {len(failures)}, caught {_share(caught)}, median lead {lead} days"
    yield f"mails {mails} about {len(raised.device)} alerts; {mails / hits if hits else np.nan:.1f} a caught failure"
    yield f"right within 30 days {_share(figures.share_by_device(is_right, raised))}"
    yield f"right within 7 days  {_share(figures.share_by_device(week, raised))}"
    for name, by_limit in (("by a hard limit", raised.by_limit), ("by the model", ~raised.by_limit)):
        yield f"  {name:16} {by_limit.sum():4} alerts, right {_share(figures.share_of(is_right[by_limit]))}"
    yield f"hand rule, {len(rule.device)} mails: caught {_share(figures.caught(rule, failures))}, right " + _share(
        figures.share_by_device(figures.right(rule, year.failed_s), rule)
    )
    yield f"devices mailed more than once {figures.mailed_again(raised):.2f} of those mailed"
    new, share = figures.mails_of_new(year), figures.readings_of_new(year)
    yield f"devices under 90 days {new:.3f} of mails, {share:.3f} of readings"
    yield f"mails after a recorded end {figures.is_after_end(year).sum()}"
    for mode in sorted({failure.mode for failure in failures}):
        of_mode = [failure for failure in failures if failure.mode == mode]
        yield f"  {mode or 'unknown':16} {len(of_mode):4} failures, caught {_share(figures.caught(raised, of_mode))}"


def _trade_off(year: Year) -> Iterator[str]:
    """Other budgets, with the thresholds that each model's pool gives them, beside the platform's own alerts."""
    yield "budget   mails  caught             right              new   (from the scores)"
    thresholds = {model["version"]: model["metrics"]["budgets"] for model in year.models}
    for number, entry in enumerate(next(iter(thresholds.values()))):
        at_budget = {version: budgets[number]["threshold"] for version, budgets in thresholds.items()}
        threshold: Floats = np.array([at_budget[version] for version in year.scored.version.tolist()])
        yield _budget_line(f"{100 * entry['budget']:g} %", year, episodes(year.scored, threshold))
    yield _budget_line("as run", year, year.raised)


def _budget_line(name: str, year: Year, raised: Raised) -> str:
    is_right = figures.right(raised, year.failed_s)
    caught, right = figures.caught(raised, year.failures), figures.share_by_device(is_right, raised)
    implanted_s = np.array([year.implanted_s[device] for device in raised.device.tolist()])
    new = (raised.at_s - implanted_s < figures.NEW_DAYS * SECONDS_PER_DAY).mean() if len(implanted_s) else 0.0
    return f"{name:8} {len(raised.device):5}  {_share(caught)}  {_share(right)}  {new:.3f}"


def _models(year: Year) -> Iterator[str]:
    for model in year.models:
        metrics = model["metrics"]
        yield (
            f"{model['version']} {model['algorithm']:22} {model['judgement']['verdict']:10} threshold "
            f"{model['threshold']:.4f}, caught {metrics['failures_caught'] or 0:.2f} of {metrics['failures_pooled']} "
            f"out of time, hand rule {metrics['hand_rule']['failures_caught'] or 0:.2f}; {model['reason']}"
        )


def _share(interval: Interval) -> str:
    share, low, high = interval
    return f"{share:.2f} [{low:.2f}, {high:.2f}]"


def _date(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).date().isoformat()
