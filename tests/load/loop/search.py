"""The highest rate at which scoring keeps up: up by steps until one does not hold, then halving what is between."""

from load.loop.bench import Bench, say
from load.loop.fleet import DailyFleet
from load.loop.steps import Step, run_step

STEP_S = 20.0
MOST_STEPS = 6
UP = 1.2
CLOSE = 1.05
"""The search ends when the rate that did not hold is less than so many times the one that did."""


async def highest_rate(bench: Bench, fleet: DailyFleet, first: Step) -> float:
    """Rows a second; `first` is a step that was measured already. 0 if no rate held within the search."""
    held, failed = (first.rows_per_s, 0.0) if first.holds else (0.0, first.rows_per_s)
    for _ in range(MOST_STEPS):
        if held and failed and failed / held <= CLOSE:
            break
        step = await run_step(bench, fleet, next_rate(held, failed), STEP_S)
        say(f"  {step}")
        if step.holds:
            held = step.rows_per_s
        else:
            failed = step.rows_per_s
    return held


def next_rate(held: float, failed: float) -> float:
    """What to try when `held` did and `failed` did not hold; 0 where none is known."""
    if not failed:
        return held * UP
    return (held + failed) / 2 if held else failed / UP
