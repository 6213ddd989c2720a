"""The page on which a developer reads the mails."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

FILES = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
router = APIRouter(include_in_schema=False)


@router.get("/")
async def page() -> FileResponse:
    return FileResponse(FILES / "mailcatcher.html", headers={"Content-Security-Policy": POLICY})


@router.get("/mailcatcher.{kind}")
async def asset(kind: str) -> FileResponse:
    if kind not in {"css", "js"}:
        raise HTTPException(404)
    return FileResponse(FILES / f"mailcatcher.{kind}")
