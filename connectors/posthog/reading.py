"""PostHog's lists and documents: where pages go on, and what a document shows of an experiment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.payloads.looking import objects, part, word
from connectors.payloads.shapes import Object
from connectors.posthog import states
from models.base import Sourced
from models.experiment import Experiment
from models.holdout import Holdout
from models.phase import Phase
from models.saved_metric import SavedMetric

LIMIT = 100
SKEW = timedelta(minutes=1)
"""How far the clocks of a platform and of this gateway may be apart."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its path, what is asked of it, and whether every account has it."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False
    of_experiments: bool = False


OLDEST_FIRST = {"order": "created_at"}
"""So that what is made meanwhile comes on a later page."""

LISTINGS: dict[str, Listing] = {
    "saved_metrics": Listing("experiment_saved_metrics/"),
    "holdouts": Listing("experiment_holdouts/"),
    "experiments": Listing("experiments/", OLDEST_FIRST, of_experiments=True),
    "archived_experiments": Listing(
        "experiments/", {**OLDEST_FIRST, "archived": "true"}, of_experiments=True
    ),
    "change_requests": Listing("change_requests/", optional=True),
    "approval_policies": Listing("approval_policies/", optional=True),
}
"""The lists, in an order in which what is named comes first."""

PATHS: dict[type[Any], str] = {
    Experiment: "experiments",
    Holdout: "experiment_holdouts",
    SavedMetric: "experiment_saved_metrics",
}
"""Where each thing is that changes are written through for."""

SEARCHED = (Experiment, SavedMetric)
"""The lists that take a text to search for."""


def following(page: Object, cursor: str | None) -> str | None:
    """The offset of the page after this one, by the address that it gives of it."""
    address = page.get("next")
    if not isinstance(address, str):
        return None
    [offset] = parse_qs(urlsplit(address).query).get("offset", ["0"])[:1]
    ahead = offset.isdecimal() and int(offset) > int(cursor or 0)
    return offset if ahead else None


def phase_of(row: Object) -> Phase:
    """The phase of an experiment, as an import would have it."""
    said = {
        "@status": word(row.get("status")),
        "@flag_active": part(row, "feature_flag").get("active"),
        "started_at": row.get("start_date"),
        "stopped_at": row.get("end_date"),
    }
    return states.phase_of(said) or Phase.DRAFT


def on_flag(row: Object) -> list[Object]:
    """The variants of an experiment's flag, which is what people get."""
    return objects(part(row, "feature_flag", "filters", "multivariate").get("variants"))


def keys_of(row: Object) -> list[str | None]:
    """The keys of the variants, in the order in which an import counts them."""
    listed = objects(part(row, "parameters").get("feature_flag_variants")) or on_flag(row)
    return [word(variant.get("key")) for variant in listed]


def released(row: Object) -> int | None:
    """The index of the variant that everybody gets after the end; None while there is none."""
    key = states.shipped(on_flag(row)) if phase_of(row) is Phase.STOPPED else None
    keys = keys_of(row)
    return keys.index(key) if key in keys else None


def shown(row: Object) -> Row:
    """What a document shows of the lifecycle."""
    return {
        "phase": str(phase_of(row)),
        "archived": bool(row.get("archived")),
        "deleted": bool(row.get("deleted")),
        "released": released(row),
    }


def is_made_from(found: Object, row: Sourced) -> bool:
    """Whether a document is of what was to be made of a row that has no id yet."""
    name = "feature_flag_key" if isinstance(row, Experiment) else "name"
    wanted = row.key if isinstance(row, Experiment) else getattr(row, "name", None)
    at = moment(found.get("created_at"))
    is_new = row.created_at is None or at is None or at >= row.created_at - SKEW
    return found.get(name) == wanted and is_new


def moment(text: Any) -> datetime | None:
    """A moment as PostHog writes it; None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
