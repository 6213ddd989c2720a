"""The mail shows what its alert and its profile say, and escapes text that could be markup or headers."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from support.alerts import alert_raised

from pacewatch.contracts.alerts import AlertRaised
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.profiles import PROFILES
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.contracts.risk import DecidedBy, Factor
from pacewatch.notifier.addresses import Mailbox
from pacewatch.notifier.mail.composer import AlertMail, Composer, message_id

ANN = Mailbox("ann@example.org")


def compose(alert: AlertRaised, mailbox: Mailbox = ANN, profile: Profile = PACEMAKER) -> EmailMessage:
    """The mail as its receiver parses it."""
    mail = AlertMail(
        alert_id=alert.alert_id,
        mailbox=mailbox,
        message_id=message_id(alert.alert_id, mailbox.address),
        created_at=datetime(2026, 11, 20, 6, 30, 1, tzinfo=UTC),
        alert=alert.model_dump() | {"device": str(alert.device_id)},
    )
    composer = Composer(profile, Mailbox("pacewatch@example.org", "Pacewatch"), "https://watch.example.org")
    received = email.message_from_bytes(composer.compose(mail).as_bytes(), policy=email.policy.default)
    assert isinstance(received, EmailMessage)
    return received


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_parts_show_everything_in_the_profiles_words(profile: Profile, kind: str) -> None:
    alert = alert_raised(profile=profile)
    text = body(compose(alert, profile=profile), kind)
    for signal in profile.signals:
        assert f"{signal.label[1:]}" in text
        assert f"{alert.signals[signal.name]:,.{signal.decimals}f} {signal.unit}" in text
        assert f"{signal.normal.low:,g}–{signal.normal.high:,g} {signal.unit}" in text
    for factor in alert.factors:
        assert factor.text[1:] in text
    assert f"{profile.device_noun[1:]} 17" in text
    for words in ("62 %", "21 %", alert.model_version, "20 Nov 2026, 06:30 UTC", "https://watch.example.org/"):
        assert words in text
    assert "above normal" in text
    assert "Not a medical product; synthetic data" in text
    assert "demo" not in text


def test_subject_names_device_risk_and_threshold() -> None:
    assert compose(alert_raised())["Subject"] == "[Pacewatch] patient 17: failure risk 62 % (threshold 21 %)"


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_risk_is_shown_as_a_multiple_of_the_usual(kind: str) -> None:
    assert "12 times the usual" in body(compose(alert_raised(relative_risk=11.7)), kind)
    assert "1.3 times the usual" in body(compose(alert_raised(relative_risk=1.3)), kind)
    assert "usual" not in body(compose(alert_raised()), kind)


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_hard_limit_is_shown_as_what_decided(kind: str) -> None:
    text = "battery voltage 2.50 V, was 2.71 V a month ago; elective replacement at 2.63 V or under"
    factor = Factor(name="battery_voltage_v", value=2.5, contribution=-0.1, text=text)
    low = {"signals": {"lead_impedance_ohms": 600.0, "battery_voltage_v": 2.5}}
    mail = compose(alert_raised(factors=[factor], decided_by=DecidedBy.LIMIT, risk=0.002, **low))
    assert mail["Subject"] == "[Pacewatch] patient 17: battery voltage is at a hard limit"
    shown = " ".join(body(mail, kind).split())
    for words in (text[1:], "decides, as a hard limit", "no model overrules", "0.20 %"):
        assert words in shown


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_where_nothing_stands_out_the_mail_says_so(kind: str) -> None:
    assert "No signal stands out" in body(compose(alert_raised(factors=[])), kind)


@pytest.mark.parametrize("name", ["Bold, Bob", "Zoë 🫀", 'the "boss" <eve@example.org>', "eve@example.org,"])
def test_recipients_name_is_never_a_second_recipient(name: str) -> None:
    mail = compose(alert_raised(), Mailbox("bob@example.org", name))
    assert [(to.addr_spec, to.display_name) for to in mail["To"].addresses] == [("bob@example.org", name)]


def test_text_from_the_alert_cannot_add_headers_or_markup() -> None:
    factor = alert_raised().factors[0].model_copy(update={"text": "<script>alert(1)</script>\r\nBcc: eve@example.org"})
    mail = compose(alert_raised(factors=[factor], model_version="v1\r\nBcc: eve@example.org"))
    assert mail["Bcc"] is None
    assert "<script>" not in body(mail, "html")
    assert "&lt;script&gt;" in body(mail, "html")


def test_signal_unknown_to_the_profile_is_left_out() -> None:
    assert "colour" not in body(compose(alert_raised(signals={"colour": 1.0})), "html")


def test_message_id_is_always_the_same_for_one_alert_and_recipient() -> None:
    alert = alert_raised()
    ids = [compose(alert, Mailbox(recipient))["Message-ID"] for recipient in ("ann@example.org", "bob@example.org") * 2]
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]
    assert all(id_.startswith(f"<{alert.alert_id}.") and id_.endswith("@pacewatch>") for id_ in ids)
