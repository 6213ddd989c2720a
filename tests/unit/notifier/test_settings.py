"""The notifier's settings are checked at start."""

import pytest

from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.settings import load
from pacewatch.notifier.settings import NotifierSettings


def test_one_error_lists_every_invalid_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACEWATCH_ALERT_RECIPIENTS", "ann")
    monkeypatch.setenv("PACEWATCH_ALERT_SENDER", "a@example.org, b@example.org")
    monkeypatch.setenv("PACEWATCH_PUBLIC_URL", "javascript:alert(1)")
    monkeypatch.setenv("PACEWATCH_SMTP_PORT", "99999")
    with pytest.raises(ConfigurationError) as error:
        load(NotifierSettings)
    for name in ("ALERT_RECIPIENTS", "ALERT_SENDER", "PUBLIC_URL", "SMTP_PORT"):
        assert f"PACEWATCH_{name}: " in str(error.value)
