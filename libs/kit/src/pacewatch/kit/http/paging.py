"""Query parameters of lists that are returned page by page."""

from typing import Annotated

from fastapi import Query

PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="page, from 1")]
PageSize = Annotated[int, Query(ge=1, le=200, description="entries on a page")]
