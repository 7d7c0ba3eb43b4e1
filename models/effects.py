"""What an action sets on an experiment, beside its phase: pure functions. Plain Python.

Each answers the columns that change, from the record as it stands, the caller's arguments and the
moment. Their docstrings are what the documentation prints.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from models.arguments import Arguments, levels_of
from models.phase import PauseEffect, ReleaseMode

Changes = dict[str, Any]
Effect = Callable[[Any, Arguments, datetime], Changes]


def nothing(_: Any, __: Arguments, ___: datetime) -> Changes:
    """Nothing more."""
    return {}


def develops(_: Any, __: Arguments, at: datetime) -> Changes:
    """Sets developmentAt."""
    return {"development_at": at}


def starts(record: Any, _: Arguments, at: datetime) -> Changes:
    """Sets startedAt, firstStartedAt unless it is set, and a ramp to its first level."""
    return {
        "started_at": at,
        "first_started_at": record.first_started_at or at,
        "ramp_current_level": first_level(record),
    }


def first_level(record: Any) -> int | None:
    """Where the record's ramp begins, as a whole number; as it is where there is no ramp."""
    levels = levels_of(record)
    return int(levels[0]) if levels else record.ramp_current_level


def sends_to_default(_: Any, __: Arguments, ___: datetime) -> Changes:
    """Sets pauseEffect to DEFAULT_EXPERIENCE."""
    return {"pause_effect": PauseEffect.DEFAULT_EXPERIENCE}


def keeps_in_flight(_: Any, __: Arguments, ___: datetime) -> Changes:
    """Sets pauseEffect to KEEP_IN_FLIGHT."""
    return {"pause_effect": PauseEffect.KEEP_IN_FLIGHT}


def resumes(_: Any, __: Arguments, ___: datetime) -> Changes:
    """Clears pauseEffect."""
    return {"pause_effect": None}


def climbs(_: Any, arguments: Arguments, __: datetime) -> Changes:
    """Sets the ramp's current level."""
    level = arguments.level
    return {"ramp_current_level": None if level is None else int(level)}


def stops(_: Any, arguments: Arguments, at: datetime) -> Changes:
    """Sets stoppedAt and the outcome's reason, conclusion and comment; clears pauseEffect."""
    return {
        "stopped_at": at,
        "stop_reason": arguments.reason,
        "conclusion": arguments.conclusion,
        "outcome_comment": arguments.comment,
        "pause_effect": None,
    }


def releases(_: Any, arguments: Arguments, at: datetime) -> Changes:
    """Sets the release, mode FULL_ON_RUNNING."""
    return {
        "full_on_at": at,
        "full_on_variant": arguments.variant_index,
        "release_mode": ReleaseMode.FULL_ON_RUNNING,
    }


def ships(record: Any, arguments: Arguments, at: datetime) -> Changes:
    """Sets the release, mode SHIPPED_AND_STOPPED, the winner, and stoppedAt unless it is set."""
    return {
        "full_on_at": at,
        "full_on_variant": arguments.variant_index,
        "release_mode": ReleaseMode.SHIPPED_AND_STOPPED,
        "winner_variant": arguments.variant_index,
        "stopped_at": record.stopped_at or at,
        "pause_effect": None,
    }


def archives(_: Any, __: Arguments, at: datetime) -> Changes:
    """Sets archived and archivedAt."""
    return {"archived": True, "archived_at": at}


def unarchives(_: Any, __: Arguments, ___: datetime) -> Changes:
    """Clears archived and archivedAt."""
    return {"archived": False, "archived_at": None}


def resets(_: Any, __: Arguments, ___: datetime) -> Changes:
    """Clears the dates, the outcome, the release, pauseEffect and archived, not firstStartedAt."""
    cleared = (
        "development_at",
        "started_at",
        "stopped_at",
        "stop_reason",
        "conclusion",
        "outcome_comment",
        "winner_variant",
        "full_on_at",
        "full_on_variant",
        "release_mode",
        "pause_effect",
        "ramp_current_level",
        "archived_at",
    )
    return {**dict.fromkeys(cleared), "archived": False}


def deletes(_: Any, __: Arguments, at: datetime) -> Changes:
    """Sets deleted."""
    return {"deleted_at": at}


def restores(_: Any, __: Arguments, ___: datetime) -> Changes:
    """Clears deleted."""
    return {"deleted_at": None}


def begins_anew(_: Any, arguments: Arguments, at: datetime) -> Changes:
    """Makes a new iteration, which runs or is in development; stops the old one if it ran."""
    return {
        "stopped_at": at,
        "stop_reason": arguments.reason,
        "conclusion": arguments.conclusion,
        "outcome_comment": arguments.comment,
    }
