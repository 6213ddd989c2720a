"""What can go wrong before a service runs, or in a command that talks to a running platform."""

from pacewatch.kit.errors import PacewatchError


class EmbeddedPostgresError(PacewatchError):
    """The embedded PostgreSQL did not start."""

    status, code = 503, "embedded_postgres_failed"


class PortTaken(PacewatchError):
    """Another process already listens on the port."""

    status, code = 503, "port_taken"


class UploadError(PacewatchError):
    """The file could not be sent, or its upload not followed. The message says why."""

    code = "upload_failed"
