"""Refuses posts that a page of another site made: it could log a person into the account of somebody else."""

from urllib.parse import urlsplit

from fastapi import Request

from pacewatch.gateway.errors import CrossSite


async def same_site(request: Request) -> None:
    """CrossSite if the browser says that another site made this request, and if it says nothing but its origin.

    Programs that are no browsers send neither header.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise CrossSite()
    elif origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise CrossSite()
