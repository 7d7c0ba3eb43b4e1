"""Changes of experiments that a platform keeps: they go out with their event.

A source that is connected is written through: the change stands here at once, its delivery is
written in the same transaction, and `connectors.delivery` brings it to the platform.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from models import Delivery, Event, Experiment, Source, SourceState, SyncState
from models.delivery import shown_by
from models.undo import remembered
from resolvers.change import Change


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
