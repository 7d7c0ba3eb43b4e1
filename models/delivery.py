"""Deliveries: changes that must reach the platform of an experiment, and how that went."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from models.base import Row, big, choice, document, link, now, text


class DeliveryState(StrEnum):
    """How a delivery stands.

    SENDING is written before the platform is called: whoever finds it so later, without a lease,
    does not know whether the call arrived, and must read the platform before repeating anything.
    """

    PENDING = "PENDING"
    SENDING = "SENDING"
    DELIVERED = "DELIVERED"
    REFUSED = "REFUSED"


UNSETTLED = (DeliveryState.PENDING, DeliveryState.SENDING)


class Delivery(Row, table=True):
    """One change on its way, which its event tells of.

    ``verb`` is an action of the lifecycle or the kind of edit; ``arguments`` are what its call
    needs. It is about the subject, an experiment or something beside it; ``made_id`` is the
    experiment that it makes on the platform, if it makes one from another. ``before`` and
    ``after`` are how the platform shows the experiment without and with it, ``undo`` the columns
    as they were. ``lease_until`` and ``leased_by`` say which process is at it; ``due_at`` when it
    may be tried again. ``reason`` holds the typed errors of a refusal.
    """

    event_id: int = link("event", unique=True)
    source_id: int = link("source")
    subject_type: str = text(nullable=False)
    subject_id: int = big(nullable=False)
    experiment_id: int | None = link("experiment")
    made_id: int | None = big()
    verb: str = text(nullable=False)
    arguments: dict[str, Any] | None = document()
    before: dict[str, Any] | None = document()
    after: dict[str, Any] | None = document()
    undo: dict[str, Any] | None = document()
    idempotency_record_id: int | None = big()
    state: DeliveryState = choice(DeliveryState, DeliveryState.PENDING)
    attempts: int = 0
    lease_until: datetime | None = None
    leased_by: str | None = text()
    due_at: datetime | None = None
    reason: dict[str, Any] | None = document()
    created_at: datetime = Field(default_factory=now)
    settled_at: datetime | None = None


def shown_by(experiment: Any) -> dict[str, Any]:
    """What platforms show of an experiment's lifecycle, as a document."""
    released = experiment.full_on_at is not None
    return {
        "phase": str(experiment.phase),
        "archived": bool(experiment.archived),
        "deleted": experiment.deleted_at is not None,
        "released": experiment.full_on_variant if released else None,
        "level": experiment.ramp_current_level,
    }


Index("ix_delivery_state_id", Delivery.state, Delivery.id)  # type: ignore[arg-type]
Index("ix_delivery_subject", Delivery.subject_type, Delivery.subject_id)  # type: ignore[arg-type]
