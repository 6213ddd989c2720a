"""Query parameters of lists that are returned page by page: `?page=2&size=20`."""

from typing import Annotated, Any

from fastapi import Depends, Query

from pacewatch.contracts.base import Paging

_Page = Annotated[int, Query(ge=1, le=1_000_000, description="page, from 1")]
_Size = Annotated[int, Query(ge=1, le=200, description="entries on a page")]


def paging_of(default_size: int) -> Any:
    """A FastAPI dependency: the requested page, of `default_size` entries if the query names no size."""

    async def paging(page: _Page = 1, size: _Size = default_size) -> Paging:
        return Paging(page, size)

    return Depends(paging)


PagingDep = Annotated[Paging, paging_of(20)]
