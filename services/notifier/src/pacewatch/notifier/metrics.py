"""The notifier's Prometheus metrics."""

from prometheus_client import Counter, Histogram

ATTEMPTS = Counter("pacewatch_mail_attempts_total", "Attempts to send a mail, by outcome", ["outcome"])
SMTP_SECONDS = Histogram("pacewatch_smtp_seconds", "From connect to the server's last reply")
