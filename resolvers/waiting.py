"""References that wait for what an import has not brought yet: whoever says otherwise ends them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, inspect
from sqlmodel import col

from models import Reference
from models.base import Row
from resolvers.change import Change
from resolvers.writing import Links, Noun, Patch
from resolvers.writing import Reference as ReferenceField


async def end_waiting(change: Change, noun: Noun, row: Row, patch: Patch) -> None:
    """Let nothing that arrives later take the place of what the patch says.

    Of a list a key that is bound to teams says only its part: what waits stays.
    """
    said = list(_said(noun, patch, lists=not change.viewer.team_bound))
    if said:
        table = inspect(type(row)).local_table.name
        held = (col(Reference.holder_type) == table, col(Reference.holder_id) == row.id)
        ended: Any = delete(Reference).where(*held, col(Reference.field).in_(said))
        await change.session.execute(ended)


def _said(noun: Noun, patch: Patch, *, lists: bool) -> Iterator[str]:
    """The fields of the patch as waiting references call them: columns and link tables."""
    for name, kind in noun.fields.items():
        if isinstance(kind, ReferenceField) and f"{name}_id" in patch.values:
            yield f"{name}_id"
        if isinstance(kind, Links) and lists and name in patch.links:
            yield inspect(kind.link).local_table.name
