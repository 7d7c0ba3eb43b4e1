"""What an experiment is seen to be: overlays and status, as functions of its row."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Enum, and_, case, cast

from models import Experiment, Phase, ReleaseMode, Status, SyncState
from models.details import Details, details_of
from models.lifecycle import SCHEDULABLE, status_of

SHARE = re.compile(r"\s*\d{1,9}(\.\d{1,9})?\s*")

STATUS_COLUMNS = ("phase", "archived", "deleted_at", "full_on_at", "start_scheduled_at")


@dataclass(frozen=True, slots=True)
class Release:
    """A variant that everybody gets."""

    variant_index: int | None
    at: datetime
    mode: ReleaseMode | None


@dataclass(frozen=True, slots=True)
class Ramp:
    """A gradual rise of the share of units that are assigned."""

    levels: list[float]
    current_level: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an experiment ended."""

    conclusion: str | None
    reason: str | None
    comment: str | None
    winner: int | None


@dataclass(frozen=True, slots=True)
class Sync:
    """How an experiment here stands to its platform."""

    state: SyncState
    last_synced_at: datetime | None
    error: str | None


def status(row: Experiment) -> Status:
    """The status of an experiment."""
    return status_of(
        row.phase,
        archived=row.archived,
        deleted_at=row.deleted_at,
        full_on_at=row.full_on_at,
        start_scheduled_at=row.start_scheduled_at,
    )


def status_expression(row: Any) -> Any:
    """The same rule in SQL, on any alias of the model; `status_of` is the rule."""
    stored = Enum(
        Status, values_callable=lambda members: [member.value for member in members],
        native_enum=False, length=40,
    )  # fmt: skip
    return case(
        (row.deleted_at.is_not(None), cast(Status.DELETED, stored)),
        (row.archived, cast(Status.ARCHIVED, stored)),
        (
            and_(row.full_on_at.is_not(None), row.phase == Phase.RUNNING),
            cast(Status.FULL_ON, stored),
        ),
        (
            and_(row.start_scheduled_at.is_not(None), row.phase.in_(SCHEDULABLE)),
            cast(Status.SCHEDULED, stored),
        ),
        else_=cast(row.phase, stored),
    )


def deleted(row: Experiment) -> bool:
    """Whether an experiment is deleted on its platform."""
    return row.deleted_at is not None


def release(row: Experiment) -> Release | None:
    """The release overlay; variant 0 is a variant."""
    if row.full_on_at is None:
        return None
    return Release(row.full_on_variant, row.full_on_at, row.release_mode)


def ramp(row: Experiment) -> Ramp | None:
    """The ramp overlay."""
    if row.ramp_levels is None:
        return None
    said: list[Any] = row.ramp_levels
    levels = [float(level) for level in said if isinstance(level, int | float)]
    return Ramp(levels, row.ramp_current_level)


def outcome(row: Experiment) -> Outcome | None:
    """The outcome overlay; None while nothing was concluded."""
    facts = (row.conclusion, row.stop_reason, row.outcome_comment, row.winner_variant)
    return None if facts == (None, None, None, None) else Outcome(*facts)


def sync(row: Experiment) -> Sync:
    """The sync overlay."""
    return Sync(row.sync_state, row.synced_at, row.sync_error)


def split(row: Experiment) -> list[float]:
    """The shares of the variants as fractions, from ``percentages``; empty where those say none."""
    shares = (row.percentages or "").split("/")
    if not all(SHARE.fullmatch(share) for share in shares):
        return []
    return [float(share) / 100 for share in shares]


def details(row: Experiment) -> Details | None:
    """What only the experiment's platform says."""
    return details_of(row.platform, row.details)
