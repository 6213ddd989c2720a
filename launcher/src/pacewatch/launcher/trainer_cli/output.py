"""What `trainer-agent run` shows on the terminal: a progress bar on stderr, the result on stdout."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pacewatch.trainer_agent.runs.progress import ReportProgress, Step
from pacewatch.trainer_agent.runs.run import Result

METRICS = ("algorithm", "roc_auc", "pr_auc", "failures_caught", "alerts_per_100_device_months", "f1", "oob_score")


@contextmanager
def progress_bar() -> Iterator[ReportProgress]:
    """Show a bar until the block ends. Call the given function with each step of the run."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task("start", total=100)

        def show_progress(step: Step) -> None:
            progress.update(task, completed=step.percent, description=f"{step.stage} {step.message}".strip())

        yield show_progress


def print_result(result: Result) -> None:
    console = Console()
    if result.version is None:
        console.print(f"run {result.run_id} failed at {result.stage}: {result.message}", style="red", markup=False)
        return
    console.print(f"run {result.run_id}: model {result.version}", markup=False)
    for name in METRICS:
        value = result.metrics.get(name)
        console.print(f"  {name}: {f'{value:.4g}' if isinstance(value, float) else value}", markup=False)
    console.print(f"  seconds: {', '.join(f'{k} {v:.1f}' for k, v in result.durations_s.items())}", markup=False)
