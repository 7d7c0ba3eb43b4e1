"""Auth0's lists and documents: what each page is of, and what a document shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from models.phase import Phase

TAKE = 50
"""The largest page that Auth0 gives."""

SKEW = timedelta(minutes=1)
"""How far the clocks of a platform and of this gateway may be apart."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its path, the key of its rows, and what is asked of it."""

    path: str
    key: str
    params: Mapping[str, str] = field(default_factory=dict)


ARCHIVED = {"status": "archived"}

LISTINGS: dict[str, Listing] = {
    "feature_flags": Listing("feature-flags", "feature_flags"),
    "archived_feature_flags": Listing("feature-flags", "feature_flags", ARCHIVED),
    "segments": Listing("segments", "segments"),
    "experiments": Listing("experiments", "experiments"),
    "archived_experiments": Listing("experiments", "experiments", ARCHIVED),
}
"""The lists, in an order in which what is named comes first; what is archived is asked for."""

STATUSES = {
    "draft": Phase.DRAFT,
    "active": Phase.RUNNING,
    "paused": Phase.PAUSED,
    "completed": Phase.STOPPED,
    "archived": Phase.STOPPED,
}


def shown(row: Mapping[str, Any]) -> Row:
    """What a document shows of the lifecycle; a level where its generation has ramps."""
    status = row.get("status")
    phase = STATUSES.get(str(status), Phase.DRAFT)
    level = {"level": row["current_level"]} if "current_level" in row else {}
    return {"phase": str(phase), "archived": status == "archived", "deleted": False, **level}


def generation_of(row: Mapping[str, Any]) -> int | None:
    """Which generation of the API speaks so of an experiment; None where that does not show."""
    if "editable_fields" in row:
        return 2
    return 1 if "assignment_config" in row else None


def id_of(row: Mapping[str, Any], kind: str) -> str | None:
    """What a thing is known by; early answers named it after its kind."""
    found = row.get("id", row.get(f"{kind}_id"))
    return found if isinstance(found, str) and found else None


def moment(text: Any) -> datetime | None:
    """A moment as Auth0 writes it; None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
