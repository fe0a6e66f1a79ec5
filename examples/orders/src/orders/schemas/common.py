"""Types that several requests and answers share."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints

Item = TypeVar("Item")

# The largest integer key that the tables can hold.
LARGEST_ID = 2**31 - 1

# Letters of any script, digits and what names are written with; no control
# characters (PostgreSQL refuses NUL) and nothing that a page or a shell reads.
PlainText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[\w .,'&()/+-]+$")
]
PersonName = Annotated[PlainText, StringConstraints(max_length=120)]
Reason = Annotated[PlainText, StringConstraints(max_length=200)]


class Request(BaseModel):
    """A request body; fields that nobody knows are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """An answer, readable straight from a table row."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(Answer, Generic[Item]):
    """One page of a list; ``limit`` is the page size in force, not the one asked for."""

    items: list[Item]
    total: int
    limit: int
    offset: int
