"""What inputs of mutations are made of. A field that is left out is untouched; null clears it."""

from typing import Any

import strawberry
from strawberry import UNSET


def said(description: str, *, default: Any = UNSET, name: str | None = None) -> Any:
    """A field that may be left out."""
    return strawberry.field(default=default, description=description, name=name)


def required(description: str, *, name: str | None = None) -> Any:
    """A field that must be given."""
    return strawberry.field(description=description, name=name)


@strawberry.input
class ChangeInput:
    """What every mutation takes."""

    idempotency_key: str | None = said(
        "A text of your own, 1 to 255 characters. Asked again with the same input, the mutation "
        "answers as the first time and changes nothing; with another input it is refused. Kept "
        "for two days; refusals and dry runs are not kept."
    )
    dry_run: bool | None = said("Check everything, and write nothing.")


@strawberry.input
class RowInput(ChangeInput):
    """What every mutation of a row takes."""

    id: strawberry.ID = required("The id of what is changed.")
    expected_version: int | None = said(
        "The version that you know; if it is another one now, the change is refused."
    )


@strawberry.input
class CreateInput(ChangeInput):
    """What every mutation takes that makes a row of a source."""

    source: str | None = said(
        "The name of the source that it belongs to; this gateway's own unless said."
    )
