"""mailcatcher's REST interface and a page to read mails on. A mail is never trusted: it stays in its frame."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pacewatch.launcher.mailcatcher import content
from pacewatch.launcher.mailcatcher.mailbox import Mailbox, StoredMail

PAGE = Path(__file__).parent / "page"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src 'self' data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'"
)
router = APIRouter()


class Summary(BaseModel):
    """A mail in the list, as mailcatcher gives it; like there, the size is text."""

    model_config = ConfigDict(frozen=True)

    id: int
    sender: str
    recipients: list[str]
    subject: str
    size: str
    type: str
    created_at: str


class Attachment(BaseModel):
    """A part that can be fetched by itself."""

    model_config = ConfigDict(frozen=True)

    cid: str
    type: str
    filename: str | None
    size: int
    href: str


class Details(Summary):
    """A mail with what can be asked of it."""

    formats: list[str]
    attachments: list[Attachment]


def create_app(mailbox: Mailbox) -> FastAPI:
    """The inbox as an application; it answers to this machine's own names only."""
    app = FastAPI(title="Pacewatch inbox", docs_url=None, redoc_url=None)
    app.state.mailbox = mailbox
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1"])
    app.middleware("http")(_guarded)
    app.include_router(router)
    return app


async def _guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.setdefault("Content-Security-Policy", MAIL_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


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
    return content.parsed(mailbox.source(mail))


AMail = Annotated[StoredMail, Depends(_mail)]
AMessage = Annotated[EmailMessage, Depends(_message)]


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
    attachments = [_attachment(mail.id, cid, part) for cid, part in content.attached(message)]
    return Details(**_fields(mail), formats=["source", *bodies], attachments=attachments)


@router.get("/messages/{mail_id}.html")
async def html(mail: AMail, message: AMessage) -> HTMLResponse:
    return HTMLResponse(content.framed(_body(message, "html"), f"/messages/{mail.id}/parts/"))


@router.get("/messages/{mail_id}.plain")
async def plain(message: AMessage) -> PlainTextResponse:
    return PlainTextResponse(_body(message, "plain"))


@router.get("/messages/{mail_id}.source")
async def source(mail: AMail, mailbox: AnyMailbox) -> Response:
    return Response(mailbox.source(mail), media_type="text/plain")


@router.get("/messages/{mail_id}/parts/{cid:path}")
async def part(cid: str, message: AMessage) -> Response:
    found = next((part for name, part in content.attached(message) if name == cid), None)
    if found is None:
        raise HTTPException(404, "There is no such part.")
    shown = found.get_content_maintype() == "image" and not found.is_attachment()
    disposition = "inline" if shown else f"attachment; filename*=UTF-8''{quote(found.get_filename() or cid, safe='')}"
    headers = {"Content-Disposition": disposition}
    return Response(content.payload(found), media_type=found.get_content_type(), headers=headers)


@router.get("/", include_in_schema=False)
async def page() -> FileResponse:
    return FileResponse(PAGE / "inbox.html", headers={"Content-Security-Policy": PAGE_POLICY})


@router.get("/inbox.{kind}", include_in_schema=False)
async def asset(kind: str) -> FileResponse:
    if kind not in {"css", "js"}:
        raise HTTPException(404)
    return FileResponse(PAGE / f"inbox.{kind}")
