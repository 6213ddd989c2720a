"""What the notifier counts, for Prometheus."""

from prometheus_client import Counter, Histogram

ATTEMPTS = Counter("pacewatch_mail_attempts_total", "Attempts to send a mail, by what they came to", ["outcome"])
SMTP_SECONDS = Histogram("pacewatch_smtp_seconds", "From connect to the server's last word")
