"""The mail says what its profile and its alert say, and nothing that could be taken for something else."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from support.alerts import raised

from pacewatch.contracts.alerts import AlertRaised
from pacewatch.contracts.profile import Profile
from pacewatch.contracts.profiles import PROFILES
from pacewatch.contracts.profiles.pacemaker import PACEMAKER
from pacewatch.notifier.deliveries.repository import Claim, message_id
from pacewatch.notifier.mail.addresses import Mailbox
from pacewatch.notifier.mail.composer import Composer, percents

ANN = Mailbox("ann@example.org")


def composed(alert: AlertRaised, to: Mailbox = ANN, profile: Profile = PACEMAKER) -> EmailMessage:
    """The mail, after a journey over the wire."""
    claim = Claim(
        id=1,
        alert_id=alert.alert_id,
        mailbox=to,
        message_id=message_id(alert.alert_id, to.address),
        attempts=1,
        correlation_id="",
        created_at=datetime(2026, 11, 20, 6, 30, 1, tzinfo=UTC),
        alert=alert.model_dump(),
    )
    mail = Composer(profile, Mailbox("pacewatch@example.org", "Pacewatch"), "https://watch.example.org").compose(claim)
    arrived = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    assert isinstance(arrived, EmailMessage)
    return arrived


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_parts_say_everything_in_the_profiles_words(profile: Profile, kind: str) -> None:
    alert = raised(profile=profile)
    text = body(composed(alert, profile=profile), kind)
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


def test_the_subject_names_device_risk_and_threshold() -> None:
    assert composed(raised())["Subject"] == "[Pacewatch] patient 17: failure risk 62 % (threshold 21 %)"


@pytest.mark.parametrize("name", ["Bold, Bob", "Zoë 🫀", 'the "boss" <eve@example.org>', "eve@example.org,"])
def test_a_name_is_never_a_second_recipient(name: str) -> None:
    mail = composed(raised(), Mailbox("bob@example.org", name))
    assert [(to.addr_spec, to.display_name) for to in mail["To"].addresses] == [("bob@example.org", name)]


def test_text_from_the_alert_is_shown_and_not_obeyed() -> None:
    factor = raised().factors[0].model_copy(update={"text": "<script>alert(1)</script>\r\nBcc: eve@example.org"})
    mail = composed(raised(factors=[factor], model_version="v1\r\nBcc: eve@example.org"))
    assert mail["Bcc"] is None
    assert "<script>" not in body(mail, "html")
    assert "&lt;script&gt;" in body(mail, "html")


def test_a_signal_the_profile_does_not_know_is_left_out() -> None:
    assert "colour" not in body(composed(raised(signals={"colour": 1.0})), "html")


def test_the_message_id_is_the_recipients_own_and_always_the_same() -> None:
    alert = raised()
    ids = [composed(alert, Mailbox(who))["Message-ID"] for who in ("ann@example.org", "bob@example.org") * 2]
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]
    assert all(one.startswith(f"<{alert.alert_id}.") and one.endswith("@pacewatch>") for one in ids)


@pytest.mark.parametrize(
    ("risk", "threshold", "told"),
    [
        (0.62, 0.21, ("62 %", "21 %")),
        (0.214, 0.209, ("21.4 %", "20.9 %")),
        (0.034, 0.021, ("3.4 %", "2.1 %")),
        (0.9999, 0.5, ("99 %", "50 %")),
        (1.0, 0.5, ("100 %", "50 %")),
        (0.3, 0.3, ("30.00 %", "30.00 %")),
    ],
)
def test_percentages_tell_risk_and_threshold_apart(risk: float, threshold: float, told: tuple[str, str]) -> None:
    assert percents(risk, threshold) == told
