"""The notifier's errors; each docstring is the default message of its HTTP answer."""

from pacewatch.kit.errors import NotFound


class AlertNotFound(NotFound):
    """There is no such alert; `GET alerts` lists them."""

    code = "alert_not_found"
