"""Query parameters of lists that are returned page by page: `?page=2&size=20`."""

from typing import Annotated, Any, Final

from fastapi import Depends, Query

from pacewatch.contracts.base import FieldError, Paging
from pacewatch.kit.errors import Unprocessable

# PostgreSQL reads all entries before a page: some 50 ms for so many.
DEEPEST: Final = 100_000

_Page = Annotated[int, Query(ge=1, le=DEEPEST, description="page, from 1; at most 100,000 entries may be before it")]
_Size = Annotated[int, Query(ge=1, le=200, description="entries on a page")]


class PageTooDeep(Unprocessable):
    """More than 100,000 entries are before this page; filter the list instead."""

    code = "page_too_deep"


def paging_of(default_size: int) -> Any:
    """A FastAPI dependency: the requested page, of `default_size` entries if the query names no size."""

    async def paging(page: _Page = 1, size: _Size = default_size) -> Paging:
        found = Paging(page, size)
        if found.offset > DEEPEST:
            raise PageTooDeep(errors=[FieldError(field="page", code="page_too_deep", message="is too far behind")])
        return found

    return Depends(paging)


PagingDep = Annotated[Paging, paging_of(20)]
