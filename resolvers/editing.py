"""Making, changing and deleting rows of any noun, as its table says."""

from typing import Any

from sqlalchemy import func, inspect, select
from strawberry.utils.str_converters import to_camel_case

from models import Event, Source
from models.base import Audited
from models.errors import Forbidden, InUse, Refusal, Taken, UserError, ValidationFailed
from models.folding import FUNCTION, fold
from resolvers.access import visible
from resolvers.change import Change
from resolvers.identity import shorten
from resolvers.inputs import read
from resolvers.linking import links_of, write_links
from resolvers.mutation import Work
from resolvers.outcome import Outcome
from resolvers.scopes import write_scope
from resolvers.sources import ours, source_called
from resolvers.uses import uses_of
from resolvers.waiting import end_waiting
from resolvers.write_through import Outgoing, require_home
from resolvers.writing import Noun, Patch, Told


def create(noun: Noun) -> Work:
    """The mutation that makes a row, in our own source unless another is named."""

    async def work(change: Change, given: Any) -> Outcome:
        change.viewer.require(write_scope(noun.model))
        source = await (source_called(change, given.source) if noun.sourced else ours(change))
        require_home(noun.model, source)
        patch = await checked(change, noun, None, given, source)
        belongs = {"source_id": source.id} if noun.sourced else {}
        model: Any = noun.model
        row = model(**belongs, **patch.values)
        await change.add(row)
        _, after = await write_parts(change, noun, row, patch)
        await _require_in_sight(change, row)
        event = await change.created(row, after)
        delivery_id = await _sent_new(change, noun, row, event)
        return Outcome(row_id=row.id, event_id=event.id, delivery_id=delivery_id)

    return work


def update(noun: Noun) -> Work:
    """The mutation that changes a row. Where nothing differs, nothing is written."""

    async def work(change: Change, given: Any) -> Outcome:
        row = await _found(change, noun, given)
        source = await source_of(change, row)
        require_home(noun.model, source)
        patch = await checked(change, noun, row, given, source)
        outgoing = await Outgoing.of(change, row, patch.values) if noun.sourced else None
        before, after = await write_parts(change, noun, row, patch)
        await end_waiting(change, noun, row, patch)
        event = await change.update(row, "UPDATE", patch.values, before=before, after=after)
        note = getattr(given, "note", None) or None
        delivery_id = await outgoing.edited(change, event, "UPDATE", note) if outgoing else None
        event_id = event.id if event else None
        return Outcome(row_id=row.id, event_id=event_id, delivery_id=delivery_id)

    return work


def delete(noun: Noun) -> Work:
    """The mutation that deletes a row which nothing names; its own links go with it.

    One that a platform keeps stays until the platform has deleted it too.
    """

    async def work(change: Change, given: Any) -> Outcome:
        row = await _found(change, noun, given)
        require_home(noun.model, await source_of(change, row))
        await require_unused(change, noun, row)
        outgoing = await Outgoing.of(change, row, ()) if noun.sourced else None
        leaves = outgoing is not None and outgoing.connected
        links = await links_of(change, noun, row)
        event = await change.delete(row, "DELETE", links, later=leaves)
        delivery_id = await outgoing.edited(change, event, "DELETE") if outgoing else None
        return Outcome(row_id=row.id, event_id=event.id, delivery_id=delivery_id)

    return work


async def _sent_new(change: Change, noun: Noun, row: Any, event: Event) -> int | None:
    """The delivery of a new row, where its source is connected."""
    if not noun.sourced:
        return None
    return await (await Outgoing.new(change, row)).edited(change, event, "CREATE")


async def source_of(change: Change, row: Any) -> Source:
    """The source of a row; our own for one that belongs to none."""
    if hasattr(row, "source_id"):
        return await change.session.get_one(Source, row.source_id)
    return await ours(change)


async def checked(change: Change, noun: Noun, row: Any, given: Any, source: Source) -> Patch:
    """The patch of an input. Raises a Refusal with every reason why it cannot be written."""
    patch = await read(change, noun, row, given, source)
    for check in noun.checks:
        await check(change, row, patch)
    patch.reasons += await _taken(change, noun, row, patch)
    require_sound(patch)
    return patch


def require_sound(patch: Patch) -> None:
    """Raises a Refusal with every reason why a patch cannot be written."""
    if patch.wrong:
        patch.reasons.insert(0, ValidationFailed.of(*patch.wrong))
    if patch.reasons:
        raise Refusal(*patch.reasons)


async def write_parts(change: Change, noun: Noun, row: Any, patch: Patch) -> tuple[Told, Told]:
    """Write the links of a row and what else belongs to it; what that was and is."""
    before, after = await write_links(change, noun, row, patch)
    for write in noun.writes:
        was, now = await write(change, row, patch)
        before |= was
        after |= now
    return before, after


async def require_unused(change: Change, noun: Noun, row: Audited) -> None:
    """Raises a Refusal with InUse, naming what names the row. Nothing can name it from here on."""
    model: Any = noun.model
    await change.session.execute(select(model.id).where(model.id == row.id).with_for_update())
    by = await uses_of(change.session, row, noun.held_by)
    if by:
        message = f"This {type(row).__name__} is in use and cannot be deleted."
        raise Refusal(InUse(message=message, path=("id",), by=tuple(by)))


async def _found(change: Change, noun: Noun, given: Any) -> Any:
    """The row that an input names, which the viewer may change, as the caller knows it."""
    change.viewer.require(write_scope(noun.model))
    row = await change.find(noun.model, given.id, "id")
    if noun.guard:
        await noun.guard(change, row)
    change.require_version(row, given.expected_version)
    return row


async def _require_in_sight(change: Change, row: Audited) -> None:
    """Raises a Refusal where a key that is bound to teams would not see what it has made."""
    model: Any = type(row)
    seen = visible(model, change.viewer).where(model.id == row.id).with_only_columns(model.id)
    if change.viewer.team_bound and await change.session.scalar(seen) is None:
        message = f"Your key is bound to teams, and would not see this {model.__name__}."
        raise Refusal(Forbidden(message=message, scope=None))


async def _taken(change: Change, noun: Noun, row: Any, patch: Patch) -> list[UserError]:
    """Who has the name already; writers of names in one source wait for each other."""
    if not any(name in patch.values for name in noun.unique):
        return []
    wanted = {name: patch.values.get(name, getattr(row, name, None)) for name in noun.unique}
    if any(value is None for value in wanted.values()):
        return []
    lock = {"key_share": True}
    await change.session.get_one(Source, patch.source.id, with_for_update=lock)
    model: Any = noun.model
    columns = inspect(model).columns
    same = [
        getattr(func, FUNCTION)(columns[name]) == fold(value)
        if noun.folded and isinstance(value, str)
        else columns[name] == value
        for name, value in wanted.items()
    ]
    if noun.sourced:
        same.append(columns["source_id"] == patch.source.id)
    if row is not None:
        same.append(columns["id"] != row.id)
    if await change.session.scalar(select(model.id).where(*same).limit(1)) is None:
        return []
    name = noun.unique[-1]
    field, value = to_camel_case(name), str(wanted[name])
    message = f"The {field} {shorten(value)} has already been taken."
    return [Taken(message=message, path=(field,), field=field, value=value)]
