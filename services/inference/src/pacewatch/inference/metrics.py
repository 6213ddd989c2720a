"""Metrics of inference, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

SCORED_ROWS = Counter("pacewatch_scored_rows_total", "Readings scored and committed", ["reason"])
SCORING_SECONDS = Histogram(
    "pacewatch_scoring_seconds",
    "Seconds of one batch by stage",
    ["stage"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
WINDOWS = Counter("pacewatch_windows_total", "Windows of devices by where their readings were loaded from", ["source"])
ACTIVE_MODEL = Gauge("pacewatch_active_model", "1 for the model that this process scores with", ["version"])
ARTIFACTS_REFUSED = Counter("pacewatch_artifacts_refused_total", "Artifacts that were not loaded", ["code"])
EPISODES = Counter("pacewatch_episodes_total", "Episodes that were opened or closed", ["event"])
