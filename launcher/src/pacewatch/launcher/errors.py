"""What can go wrong before any service runs."""

from pacewatch.kit.errors import PacewatchError


class EmbeddedPostgresError(PacewatchError):
    """The embedded PostgreSQL did not start."""

    status, code = 503, "embedded_postgres_failed"


class PortTaken(PacewatchError):
    """A port this program was told to listen on is in use."""

    status, code = 503, "port_taken"
