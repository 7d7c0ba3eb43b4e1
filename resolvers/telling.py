"""What events tell to whom: the ids of things that do not exist for the viewer are left out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from models import Event
from models.errors import BadUserInput
from resolvers.access import narrowed, sees_all
from resolvers.context import Context
from resolvers.identity import NODES, decode
from resolvers.keys import keyed_by


async def before(context: Context, rows: Sequence[Event]) -> Sequence[dict[str, Any] | None]:
    """What changed, as it was, for each event."""
    return await _told(context, [row.before for row in rows])


async def after(context: Context, rows: Sequence[Event]) -> Sequence[dict[str, Any] | None]:
    """What changed, as it was afterwards, for each event."""
    return await _told(context, [row.after for row in rows])


async def _told(context: Context, documents: Sequence[Any]) -> Sequence[Any]:
    """The documents; one statement for each type that they name and the viewer sees in part."""
    if all(sees_all(model, context.viewer) for model in NODES.values()):
        return documents
    named: defaultdict[type[Any], dict[int, str]] = defaultdict(dict)
    for text in _texts(documents):
        try:
            model, number = decode(text)
        except BadUserInput:
            continue
        if not sees_all(model, context.viewer):
            named[model][number] = text
    hidden: set[str] = set()
    for model, texts in named.items():
        statement = narrowed(select(model.id), model, context.viewer)
        async with context.database.read() as session:
            found = await session.scalars(statement.where(keyed_by(model.id, list(texts))))
            hidden.update(texts[number] for number in texts.keys() - set(found))
    return [_without(document, hidden) for document in documents]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _without(value: Any, hidden: set[str]) -> Any:
    """The value, with null for a hidden id, and without it in a list."""
    if isinstance(value, dict):
        return {name: _without(part, hidden) for name, part in value.items()}
    if isinstance(value, list):
        kept = [part for part in value if not (isinstance(part, str) and part in hidden)]
        return [_without(part, hidden) for part in kept]
    return None if isinstance(value, str) and value in hidden else value
