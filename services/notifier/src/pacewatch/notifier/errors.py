"""What can go wrong with alerts."""

from pacewatch.kit.errors import NotFound


class AlertNotFound(NotFound):
    """There is no such alert; GET /api/v1/alerts lists them."""

    code = "alert_not_found"
