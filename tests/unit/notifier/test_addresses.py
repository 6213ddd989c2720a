"""Mail addresses: no comma, line break or unusual name adds a recipient."""

import pytest

from pacewatch.notifier.addresses import Mailbox, parse


def test_comma_separates_addresses_but_not_parts_of_a_quoted_name() -> None:
    assert parse('ann@example.org, "Bold, Bob" <bob@example.org>') == (
        Mailbox("ann@example.org"),
        Mailbox("bob@example.org", "Bold, Bob"),
    )


def test_repeated_address_is_one_recipient() -> None:
    assert parse("ann@example.org, Ann <ANN@example.org>") == (Mailbox("ann@example.org"),)


def test_blank_text_is_no_recipient() -> None:
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
def test_invalid_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a? ?mail addres|must not contain"):
        parse(text)
