"""Making, changing and deleting rows of any noun, as its table says."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from strawberry.utils.str_converters import to_camel_case

from models import Source
from models.base import Sourced
from models.errors import InUse, Refusal, Taken, UserError
from resolvers.change import Change
from resolvers.identity import shorten
from resolvers.inputs import read
from resolvers.linking import write_links
from resolvers.mutation import Work
from resolvers.outcome import Outcome
from resolvers.scopes import write_scope
from resolvers.sources import source_called
from resolvers.uses import uses_of
from resolvers.writing import Noun, Patch


def create(noun: Noun) -> Work:
    """The mutation that makes a row, in our own source unless another is named."""

    async def work(change: Change, given: Any) -> Outcome:
        change.viewer.require(write_scope(noun.model))
        source = await source_called(change, given.source)
        patch = await checked(change, noun, None, given, source)
        row = noun.model(source_id=source.id, **patch.values)
        await change.add(row)
        _, after = await write_links(change, noun, row, patch)
        event = await change.created(row, after)
        return Outcome(row_id=row.id, event_id=event.id)

    return work


def update(noun: Noun) -> Work:
    """The mutation that changes a row. Where nothing differs, nothing is written."""

    async def work(change: Change, given: Any) -> Outcome:
        change.viewer.require(write_scope(noun.model))
        row = await change.find(noun.model, given.id, "id")
        change.require_version(row, given.expected_version)
        source = await change.session.get_one(Source, row.source_id)
        patch = await checked(change, noun, row, given, source)
        before, after = await write_links(change, noun, row, patch)
        event = await change.update(row, "UPDATE", patch.values, before=before, after=after)
        return Outcome(row_id=row.id, event_id=event.id if event else None)

    return work


def delete(noun: Noun) -> Work:
    """The mutation that deletes a row which nothing names."""

    async def work(change: Change, given: Any) -> Outcome:
        change.viewer.require(write_scope(noun.model))
        row = await change.find(noun.model, given.id, "id")
        change.require_version(row, given.expected_version)
        await require_unused(change, row)
        event = await change.delete(row, "DELETE")
        return Outcome(row_id=row.id, event_id=event.id)

    return work


async def checked(change: Change, noun: Noun, row: Any, given: Any, source: Source) -> Patch:
    """The patch of an input. Raises a Refusal with every reason why it cannot be written."""
    patch = await read(change, noun, given, source.id)
    for check in noun.checks:
        await check(change, row, patch)
    patch.reasons += await _taken(change, noun, row, patch)
    if patch.reasons:
        raise Refusal(*patch.reasons)
    return patch


async def require_unused(change: Change, row: Sourced) -> None:
    """Raises a Refusal with InUse, naming what names the row."""
    by = await uses_of(change.session, row)
    if by:
        message = f"This {type(row).__name__} is in use and cannot be deleted."
        raise Refusal(InUse(message=message, path=("id",), by=tuple(by)))


async def _taken(change: Change, noun: Noun, row: Any, patch: Patch) -> Sequence[UserError]:
    """Who has the name already; writers of names in one source wait for each other."""
    if not any(name in patch.values for name in noun.unique):
        return []
    wanted = {name: patch.values.get(name, getattr(row, name, None)) for name in noun.unique}
    if any(value is None for value in wanted.values()):
        return []
    await change.session.get_one(Source, patch.source_id, with_for_update=True)
    model: Any = noun.model
    same = [
        func.lower(getattr(model, name)) == value.lower()
        if noun.folded and isinstance(value, str)
        else getattr(model, name) == value
        for name, value in wanted.items()
    ]
    statement = select(model.id).where(model.source_id == patch.source_id, *same).limit(1)
    if row is not None:
        statement = statement.where(model.id != row.id)
    if await change.session.scalar(statement) is None:
        return []
    name = noun.unique[-1]
    field, value = to_camel_case(name), str(wanted[name])
    message = f"The {field} {shorten(value)} has already been taken."
    return [Taken(message=message, path=(field,), field=field, value=value)]
