"""The demo's past: load the history, then train the first model on it."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from pacewatch.launcher.client.api_client import next_days, post, post_days, train
from pacewatch.launcher.demo.local_platform import LocalPlatform
from pacewatch.launcher.demo.options import Options
from pacewatch.launcher.demo.state import DemoState
from pacewatch.simulator.day import Source


async def load_history(
    platform: LocalPlatform, options: Options, state: DemoState, source: Source, console: Console
) -> DemoState:
    """Post the days before today. An interrupted load starts over: rows stored before are counted as duplicates."""
    days = options.history_days
    state = state.after(days)
    state.stop_clock()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"Loading {days} days of history, rows", total=None)
        report_rows = lambda rows: progress.advance(task, rows)  # noqa: E731
        await post_days(platform.client, source, next_days(source, days), "backfill", report_rows)
    state.save(options.state_file)
    return state


async def ensure_model(platform: LocalPlatform, console: Console) -> None:
    """Train the first model unless a model is active already."""
    matured = await post(platform.client, "/api/v1/labels/mature", None)
    console.print(f"Settled labels: {matured['counts']}")
    active = await platform.client.get("/api/v1/models/active")
    if active.is_success:
        console.print(f"Model {active.json()['version']} is active")
        return
    console.print("Training the first model on settled rows only")
    model = await train(platform.client, "first model of the demo", lambda line: console.print(f"  {line}"))
    console.print(f"Model {model['version']} is {model['status']}: {model['reason']}")
