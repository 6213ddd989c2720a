"""The commit of the code that trains: from settings, the pipeline's environment, or the git checkout."""

import os
import subprocess
from pathlib import Path

from pacewatch.trainer_agent.settings import TrainerSettings

UNKNOWN = "unknown"


def current(settings: TrainerSettings) -> str:
    """The commit; "unknown" if there is none."""
    return settings.commit or os.environ.get("BUILD_SOURCEVERSION", "") or _of_checkout()


def _of_checkout() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    return done.stdout.strip() or UNKNOWN
