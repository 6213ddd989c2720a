"""Prometheus metrics of kit; each service defines its own metrics."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS_PUBLISHED = Counter("pacewatch_events_published_total", "Events the bus confirmed", ["service", "type"])
PUBLISH_FAILURES = Counter("pacewatch_publish_failures_total", "Publishes that were not confirmed", ["service"])
EVENTS_HANDLED = Counter("pacewatch_events_handled_total", "Deliveries by verdict", ["handler", "verdict"])
HANDLER_OUTAGES = Counter(
    "pacewatch_handler_outages_total", "Tries that PostgreSQL could not serve, or not with this schema", ["handler"]
)
HANDLER_SECONDS = Histogram("pacewatch_handler_seconds", "From delivery to commit", ["handler"])
OUTBOX_WAITING = Gauge("pacewatch_outbox_waiting", "Events committed and not yet confirmed by the bus", ["service"])
HTTP_SECONDS = Histogram("pacewatch_http_seconds", "Request to response", ["method", "route", "status"])
SECURITY_NOTES_DROPPED = Counter("pacewatch_security_notes_dropped_total", "Refusals and uses of keys not recorded")
LOOP_RESTARTS = Counter("pacewatch_loop_restarts_total", "Background loops started again", ["loop"])
