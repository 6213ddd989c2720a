"""The MLflow server of people who keep their experiments there, if MLFLOW_TRACKING_URI names one.

Our own tables are the record. What is sent there is a copy: without the server or the package nothing else fails.
"""

import importlib
import os
import threading
from collections.abc import Callable
from typing import Any, Final

from pacewatch.kit import logs

VARIABLE: Final = "MLFLOW_TRACKING_URI"
CANDIDATE: Final = "candidate"
CHAMPION: Final = "champion"
# The tag of a registered version that holds our version of the model.
VERSION_TAG: Final = "pacewatch.version"

log = logs.get(__name__)


def registered_name(profile: str) -> str:
    """The registered model, and the experiment, of a fleet."""
    return f"pacewatch-{profile}"


def is_set() -> bool:
    """Whether a server is named."""
    return bool(os.environ.get(VARIABLE))


def send(what: str, work: Callable[[Any], None], longest_s: float) -> None:
    """Call `work` with the package `mlflow`, for `longest_s` at most; its errors are logged, with `what` it was about.

    It runs in a daemon thread: neither a lease nor the end of a process waits for the server.
    """
    if not is_set():
        return
    try:
        mlflow = importlib.import_module("mlflow")
    except ImportError:
        reason = f"{VARIABLE} is set, but the package is missing: pip install mlflow-skinny"
        log.warning("mlflow_missing", reason=reason)
        return

    def try_to_send() -> None:
        try:
            work(mlflow)
        except Exception as error:
            log.warning("mlflow_failed", what=what, reason=(str(error) or repr(error))[:500])

    worker = threading.Thread(target=try_to_send, daemon=True)
    worker.start()
    worker.join(longest_s)
    if worker.is_alive():
        log.warning("mlflow_slow", what=what, waited_s=longest_s)
