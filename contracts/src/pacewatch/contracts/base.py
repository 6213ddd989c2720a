"""Base types of all contracts: frozen, strict about fields, and limited to numbers that JSON can carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

# JavaScript rounds larger integers, so a browser would show a different number.
MAX_INTEGER = 2**53 - 1
MAX_DEVICE_NUMBER = 2**52 - 1
"""The largest number that people may give to a device; ids behind it stand for names."""


def _printable(text: str) -> str:
    """Refuse what PostgreSQL cannot store (NUL) and what UTF-8 cannot encode (lone surrogates)."""
    if "\x00" in text:
        raise ValueError("must not contain the NUL character")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("must not contain lone surrogates")
    return text


Text = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_printable)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
DeviceId = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
DeviceNumber = Annotated[int, Field(ge=0, le=MAX_DEVICE_NUMBER)]
SentDevice = DeviceNumber | Name
"""A device as people name it: a number, or any text. The platform gives an id to each text that is no number."""
UnixSeconds = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Probability = Annotated[float, Field(ge=0, le=1)]


class Contract(BaseModel):
    """A frozen value; unknown fields, type coercion, NaN and infinity are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Event(Contract):
    """A fact, named in the past tense. `type` is its routing key; `schema_version` rises when its fields change."""

    type: ClassVar[str]
    schema_version: ClassVar[int] = 1

    def subject(self) -> str:
        """What the event is about: the CloudEvents `subject`."""
        return ""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is wanted: page `page`, from 1, of `size` entries a page."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        """How many entries come before this page."""
        return (self.page - 1) * self.size


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a longer list; `total` counts all entries."""

    items: Sequence[Item]
    total: int
    page: int
    size: int

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """`UserPage` for a page of users: generated clients name a class by it."""
        return f"{params[0].__name__}Page"

    @classmethod
    def of(cls, items: Sequence[Item], total: int, paging: Paging) -> Self:
        """The page that `paging` asked for."""
        return cls(items=items, total=total, page=paging.page, size=paging.size)


class Problem(BaseModel):
    """RFC 9457 problem details: `code` is stable, `detail` says what happened and what to do."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    instance: str | None = None
    correlation_id: str | None = None
    errors: Sequence["FieldError"] = ()


class FieldError(BaseModel):
    """One invalid field of a request."""

    field: str
    code: str
    message: str
