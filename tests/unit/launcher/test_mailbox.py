"""The mails are kept on disk, the newest ones only."""

from pathlib import Path

from support.platform.mailcatcher import plain_mail, send

from pacewatch.launcher.mailcatcher.server import Mailcatcher


async def test_mails_are_still_there_in_the_next_run(tmp_path: Path) -> None:
    async with Mailcatcher(tmp_path) as first:
        await send(first, plain_mail())
    async with Mailcatcher(tmp_path) as second:
        await send(second, plain_mail("Another"))
        mails = second.mailbox.mails()
    assert [(mail.id, mail.subject) for mail in mails] == [(1, "High risk"), (2, "Another")]
    assert mails[0].recipients == ("<ada@example.org>", "<bob@example.org>")


async def test_only_the_newest_mails_are_kept(tmp_path: Path) -> None:
    async with Mailcatcher(tmp_path, limit=2) as mailcatcher:
        for number in range(4):
            await send(mailcatcher, plain_mail(str(number)))
        assert [mail.subject for mail in mailcatcher.mailbox.mails()] == ["2", "3"]
    assert len(list(tmp_path.iterdir())) == 2


async def test_a_deleted_mail_is_deleted_from_disk(mailcatcher: Mailcatcher, tmp_path: Path) -> None:
    for _ in range(3):
        await send(mailcatcher, plain_mail())
    mailcatcher.mailbox.delete(2)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["00000001.eml", "00000003.eml"]
    mailcatcher.mailbox.clear()
    assert list(tmp_path.iterdir()) == []
