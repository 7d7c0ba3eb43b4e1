"""A change under way: one transaction, who makes it, when, and the event that tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import col

from models import Event, Experiment, Reference
from models.base import Row
from models.errors import NotFound, Refusal, StaleVersion
from resolvers.access import Viewer, visible
from resolvers.event import differ, shown, told_apart
from resolvers.identity import decode_as, shorten
from resolvers.scopes import read_scope

R = TypeVar("R", bound=Row)

BOOKKEEPING = frozenset({"version", "updated_at", "updated_by_id"})
"""Columns that every change moves; alone they are no change."""


@dataclass(slots=True)
class Change:
    """What every mutation is handed. Nothing is written unless its transaction commits."""

    session: AsyncSession
    viewer: Viewer
    at: datetime
    claimed: int | None = None
    """The record of the idempotency key under which this is done, if there is one."""

    async def find(self, model: type[R], id: str, *path: str) -> R:  # noqa: A002  as in the graph
        """The row of a global id, locked until the end. Raises BadUserInput, Refusal.

        ``path`` is the field of the input that named it.
        """
        self.viewer.require(read_scope(model))
        return await self.locked(model, decode_as(model, id), id, *path)

    async def locked(self, model: type[R], number: int, called: str, *path: str) -> R:
        """The row of that number, locked until the end. Raises a Refusal with NotFound.

        Others may name it meanwhile, but neither change nor delete it.
        """
        statement = (
            visible(model, self.viewer)
            .where(inspect(model).c.id == number)
            .with_for_update(of=model, key_share=True)
            .execution_options(populate_existing=True)
        )
        row: R | None = await self.session.scalar(statement)
        if row is None:
            message = f"There is no {model.__name__} {shorten(called)}."
            raise Refusal(NotFound(message=message, path=path))
        return row

    def require_version(self, row: Any, expected: int | None) -> None:
        """Raises a Refusal with StaleVersion where the caller knows another version."""
        if isinstance(expected, int) and expected != row.version:
            message = f"The version is {row.version}, not {expected}: somebody changed it since."
            raise Refusal(
                StaleVersion(
                    message=message, path=("expectedVersion",), current_version=row.version
                )
            )

    async def add(self, row: Row) -> None:
        """Write a new row; `created` tells of it when its links are written too."""
        for name, value in (("created_at", self.at), ("created_by_id", self.viewer.user_id)):
            if hasattr(row, name):
                setattr(row, name, value)
        self.session.add(row)
        await self.session.flush()

    async def created(
        self, row: Row, also: Mapping[str, Any] | None = None, action: str = "CREATE"
    ) -> Event:
        """The event of a new row. ``also`` is what it tells of links."""
        values = {name: value for name, value in _columns(row).items() if value is not None}
        return await self.record(row, action, None, {**shown(row, values), **(also or {})})

    async def update(
        self,
        row: Row,
        action: str,
        values: Mapping[str, Any],
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> Event | None:
        """Write what differs, with its event; None where nothing does.

        ``before`` and ``after`` are what the event tells of links that were changed already.
        """
        changed = {
            name: value
            for name, value in values.items()
            if name not in BOOKKEEPING and differ(getattr(row, name), value)
        }
        if not changed and before == after:
            return None
        old, new = told_apart({name: getattr(row, name) for name in changed}, changed)
        told = shown(row, old)
        for name, value in {**changed, **self._bookkeeping(row)}.items():
            setattr(row, name, value)
            flag_modified(row, name)  # or [1] would stand where [true] is set: Python's are equal
        await self.session.flush()
        return await self.record(
            row, action, {**told, **(before or {})}, {**shown(row, new), **(after or {})}
        )

    async def touch(self, row: Row, **values: Any) -> None:
        """Write columns of a row that an event of something else tells of; its version grows."""
        for name, value in {**values, **self._bookkeeping(row)}.items():
            setattr(row, name, value)
        await self.session.flush()

    async def delete(
        self,
        row: Row,
        action: str,
        also: Mapping[str, Any] | None = None,
        *,
        later: bool = False,
    ) -> Event:
        """Remove a row, with its event; ``later`` if somebody else removes it in the end."""
        values = {name: value for name, value in _columns(row).items() if value is not None}
        event = await self.record(row, action, {**shown(row, values), **(also or {})}, None)
        if not later:
            await self.remove(row)
        return event

    async def remove(self, *rows: Row) -> None:
        """Remove rows, with the references that wait in their name; another event tells of it."""
        for row in rows:
            table = inspect(type(row)).local_table.name
            waiting = (col(Reference.holder_type) == table, col(Reference.holder_id) == row.id)
            await self.session.execute(delete(Reference).where(*waiting))
            await self.session.delete(row)
        await self.session.flush()

    async def record(
        self,
        row: Row,
        action: str,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> Event:
        """Append an event about the row. The log is only ever appended to."""
        event = Event(
            at=self.at,
            actor=self.viewer.name,
            actor_id=self.viewer.user_id,
            action=action,
            subject_type=type(row).__name__,
            subject_id=row.id,
            experiment_id=(
                row.id if isinstance(row, Experiment) else getattr(row, "experiment_id", None)
            ),
            before=before,
            after=after,
        )
        self.session.add(event)
        await self.session.flush()
        return event

    def _bookkeeping(self, row: Any) -> dict[str, Any]:
        moved = {
            "version": getattr(row, "version", 0) + 1,
            "updated_at": self.at,
            "updated_by_id": self.viewer.user_id,
        }
        return {name: value for name, value in moved.items() if hasattr(row, name)}


def _columns(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in inspect(type(row)).columns.keys()}  # noqa: SIM118
