"""Changes of experiments that a platform keeps: they go out with their event.

A source that is connected is written through: the change stands here at once, its delivery is
written in the same transaction, and `connectors.delivery` brings it to the platform.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import select
from sqlmodel import col

from models import (
    Delivery,
    Event,
    Experiment,
    Holdout,
    Note,
    SavedMetric,
    Source,
    SourceState,
    SyncState,
)
from models.delivery import UNSETTLED, shown_by
from models.errors import Refusal, UnsupportedByPlatform
from models.naming import snake
from models.undo import remembered
from resolvers.blueprint import blueprint
from resolvers.change import Change

SUFFIXES: dict[type[Any], str] = {
    Experiment: "",
    Holdout: "_HOLDOUT",
    SavedMetric: "_SAVED_METRIC",
}
"""What goes out, and how the verbs of its edits end."""

SHARED = ("name", "description", "filters", "exclusion_percentage", "query", "tags")
DETAILS = frozenset({"absmartly", "posthog", "auth0", "checkmango"})


def require_home(model: type[Any], source: Source) -> None:
    """Raises a Refusal for rows that a connected platform keeps and that only it can change."""
    if source.state is SourceState.DETACHED or model in SUFFIXES:
        return
    message = f"The source is connected to its platform: its {model.__name__} is changed there."
    raise Refusal(
        UnsupportedByPlatform(message=message, path=("id",), platform=source.platform, action=None)
    )


async def told(change: Change, row: Any, event: Event | None) -> dict[str, Any]:
    """What a connector needs to know of an edit: the whole of it, and what changed."""
    if isinstance(row, Experiment):
        named = (snake(name) for name in (event.after if event else None) or {})
        fields = sorted({"details" if name in DETAILS else name for name in named})
        return {"design": await blueprint(change.session, row), "fields": fields}
    return {name: getattr(row, name) for name in SHARED if hasattr(row, name)}


async def is_kept_there(change: Change, note: Note) -> bool:
    """Whether the platform has a note, or will have it by what is on its way."""
    if note.external_id is not None:
        return True
    leaving = select(col(Delivery.id)).where(
        col(Delivery.experiment_id) == note.experiment_id,
        col(Delivery.created_at) == note.created_at,
        col(Delivery.state).in_(UNSETTLED),
    )
    return await change.session.scalar(leaving.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An experiment (or what else goes out) as it was, for the platform and for taking it back."""

    row: Any
    connected: bool
    before: dict[str, Any]
    undo: dict[str, Any]

    @classmethod
    async def of(cls, change: Change, row: Any, columns: Iterable[str]) -> Self:
        """What must be remembered before these columns change."""
        source = await change.session.get_one(Source, row.source_id)
        connected = source.state is not SourceState.DETACHED
        names = columns if connected else ()
        shown = shown_by(row) if isinstance(row, Experiment) else {}
        return cls(row, connected, shown, remembered(row, names))

    @classmethod
    async def new(cls, change: Change, row: Any) -> Self:
        """What must be remembered of a row that was made just now: before, there was none."""
        made = await cls.of(change, row, ())
        before = {**made.before, "deleted": True} if made.before else {}
        undo = {"deleted_at": change.at.isoformat()} if isinstance(row, Experiment) else {}
        return cls(row, made.connected, before, undo)

    async def edited(
        self, change: Change, event: Event | None, verb: str, note: str | None = None
    ) -> int | None:
        """Write the delivery of an edit: CREATE, UPDATE or DELETE of what goes out.

        ``note`` is what is said with it.
        """
        if not self.connected or event is None:
            return None
        said = await told(change, self.row, event)
        said |= {"note": note} if note else {}
        return await self.send(change, event, f"{verb}{SUFFIXES[type(self.row)]}", said)

    async def send(
        self,
        change: Change,
        event: Event | None,
        verb: str,
        arguments: Mapping[str, Any],
        *,
        made: Experiment | None = None,
    ) -> int | None:
        """Write the delivery of the change; its number, None where it stays here.

        ``made`` is an experiment that the platform is to make.
        """
        if not self.connected or event is None:
            return None
        delivery = Delivery(
            event_id=event.id,
            source_id=self.row.source_id,
            subject_type=type(self.row).__name__,
            subject_id=self.row.id,
            experiment_id=self.row.id if isinstance(self.row, Experiment) else None,
            made_id=made.id if made else None,
            verb=verb,
            arguments=dict(arguments),
            before=self.before,
            after=shown_by(self.row) if isinstance(self.row, Experiment) else {},
            undo=self.undo,
            idempotency_record_id=change.claimed,
            created_at=change.at,
        )
        change.session.add(delivery)
        for row in (self.row, made):
            if isinstance(row, Experiment):
                row.sync_state = SyncState.PENDING
        await change.session.flush()
        return delivery.id
