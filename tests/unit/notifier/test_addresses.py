"""A comma, a line break or a strange name never makes a second recipient."""

import pytest

from pacewatch.kit.errors import ConfigurationError
from pacewatch.kit.settings import load
from pacewatch.notifier.mail.addresses import Mailbox, parse
from pacewatch.notifier.settings import NotifierSettings


def test_commas_separate_addresses_and_not_names() -> None:
    assert parse('ann@example.org, "Bold, Bob" <bob@example.org>') == (
        Mailbox("ann@example.org"),
        Mailbox("bob@example.org", "Bold, Bob"),
    )


def test_one_person_twice_is_one_recipient() -> None:
    assert parse("ann@example.org, Ann <ANN@example.org>") == (Mailbox("ann@example.org"),)


def test_nobody_is_nobody() -> None:
    assert parse("  ") == ()


@pytest.mark.parametrize(
    "text",
    [
        "ann",
        "Bold, Bob <bob@example.org>",
        "ann@example.org bob@example.org",
        "ann@example.org\nBcc: eve@example.org",
        "ann@example.org\r\n",
        '"ann@example.org, eve"@example.org',
        "ann@exa mple.org",
        "änn@example.org",
        "ann@example..org",
        "ann@-example.org",
        "ann@example.org;eve@example.org",
        "a" * 250 + "@example.org",
        "ann@example.org\x00",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no mail addres|no place"):
        parse(text)


def test_everything_wrong_with_the_settings_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACEWATCH_ALERT_RECIPIENTS", "ann")
    monkeypatch.setenv("PACEWATCH_ALERT_SENDER", "a@example.org, b@example.org")
    monkeypatch.setenv("PACEWATCH_PUBLIC_URL", "javascript:alert(1)")
    monkeypatch.setenv("PACEWATCH_SMTP_PORT", "99999")
    with pytest.raises(ConfigurationError) as error:
        load(NotifierSettings)
    for name in ("ALERT_RECIPIENTS", "ALERT_SENDER", "PUBLIC_URL", "SMTP_PORT"):
        assert f"PACEWATCH_{name}: " in str(error.value)
