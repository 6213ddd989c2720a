"""The REST interface of mailcatcher, so that its clients work here as well."""

from dataclasses import asdict
from email.message import EmailMessage
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from pacewatch.launcher.mailcatcher import content
from pacewatch.launcher.mailcatcher.mailbox import Mailbox, StoredMail
from pacewatch.launcher.mailcatcher.schemas import Attachment, Details, Summary

router = APIRouter()


def _mailbox(request: Request) -> Mailbox:
    mailbox: Mailbox = request.app.state.mailbox
    return mailbox


AnyMailbox = Annotated[Mailbox, Depends(_mailbox)]


def _mail(mail_id: int, mailbox: AnyMailbox) -> StoredMail:
    mail = mailbox.get(mail_id)
    if mail is None:
        raise HTTPException(404, "There is no such mail.")
    return mail


def _message(mail: Annotated[StoredMail, Depends(_mail)], mailbox: AnyMailbox) -> EmailMessage:
    return content.parse(mailbox.source(mail))


AMail = Annotated[StoredMail, Depends(_mail)]
AMessage = Annotated[EmailMessage, Depends(_message)]


@router.get("/messages")
async def messages(mailbox: AnyMailbox) -> list[Summary]:
    return [Summary(**_fields(mail)) for mail in mailbox.mails()]


@router.delete("/messages", status_code=204)
async def delete_all(mailbox: AnyMailbox) -> None:
    mailbox.clear()


@router.delete("/messages/{mail_id}", status_code=204)
async def delete(mail: AMail, mailbox: AnyMailbox) -> None:
    mailbox.delete(mail.id)


@router.get("/messages/{mail_id}.json")
async def details(mail: AMail, message: AMessage) -> Details:
    bodies = [subtype for subtype in ("html", "plain") if content.text(message, subtype) is not None]
    attachments = [_attachment(mail.id, cid, part) for cid, part in content.attachments(message)]
    return Details(**_fields(mail), formats=["source", *bodies], attachments=attachments)


@router.get("/messages/{mail_id}.html")
async def html(mail: AMail, message: AMessage) -> HTMLResponse:
    return HTMLResponse(content.html_for_frame(_body(message, "html"), f"/messages/{mail.id}/parts/"))


@router.get("/messages/{mail_id}.plain")
async def plain(message: AMessage) -> PlainTextResponse:
    return PlainTextResponse(_body(message, "plain"))


@router.get("/messages/{mail_id}.source")
async def source(mail: AMail, mailbox: AnyMailbox) -> Response:
    return Response(mailbox.source(mail), media_type="text/plain")


@router.get("/messages/{mail_id}/parts/{cid:path}")
async def part(cid: str, message: AMessage) -> Response:
    found = next((part for name, part in content.attachments(message) if name == cid), None)
    if found is None:
        raise HTTPException(404, "There is no such part.")
    is_shown = found.get_content_maintype() == "image" and not found.is_attachment()
    filename = quote(found.get_filename() or cid, safe="")
    disposition = "inline" if is_shown else f"attachment; filename*=UTF-8''{filename}"
    headers = {"Content-Disposition": disposition}
    return Response(content.payload(found), media_type=found.get_content_type(), headers=headers)


def _fields(mail: StoredMail) -> dict[str, Any]:
    return {**asdict(mail), "size": str(mail.size)}


def _attachment(mail_id: int, cid: str, part: EmailMessage) -> Attachment:
    return Attachment(
        cid=cid,
        type=part.get_content_type(),
        filename=part.get_filename(),
        size=len(content.payload(part)),
        href=f"/messages/{mail_id}/parts/{quote(cid, safe='')}",
    )


def _body(message: EmailMessage, subtype: str) -> str:
    body = content.text(message, subtype)
    if body is None:
        raise HTTPException(404, f"This mail has no {subtype} body.")
    return body
