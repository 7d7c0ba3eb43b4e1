"""What can be written of a holdout: its filters and the share that they exclude are one fact."""

from typing import Any

from strawberry import UNSET

import models as m
from models.arguments import FieldError
from models.rules import brief_text, json_rule, name_text, share
from models.shapes import anything, first, items, members, number
from resolvers.change import Change
from resolvers.writing import Noun, Patch, Value

FILTERS = first(
    members({"rollout_percentage": number(0, 100)}, {"properties": items(anything)}),
)
"""PostHog reads the first element only; its percentage is the share that is held out."""


async def share_and_filters_agree(_: Change, row: Any, patch: Patch) -> None:
    """Whichever of the two is given, the other follows from it."""
    filters, excluded = (patch.values.get(name) for name in ("filters", "exclusion_percentage"))
    if filters is not None:
        said = float(filters[0]["rollout_percentage"])
        if excluded not in (None, said):
            message = f"exclusionPercentage is {excluded:g}, and filters say {said:g}."
            patch.wrong.append(FieldError(("exclusionPercentage",), message, "agree"))
        patch.values["exclusion_percentage"] = said
    elif excluded is not None:
        patch.values["filters"] = _with_share(row, excluded)
    elif row is None and not _is_said(patch.given):
        message = "Either filters or exclusionPercentage must be given."
        patch.wrong.append(FieldError(("exclusionPercentage",), message, "required"))


def _is_said(given: Any) -> bool:
    """Whether either is given, sound or not."""
    return any(value not in (None, UNSET) for value in (given.filters, given.exclusion_percentage))


def _with_share(row: Any, excluded: float) -> list[Any]:
    """The row's filters, or new ones, with another share."""
    there = (row and row.filters) or [{}]
    leading = there[0] if isinstance(there[0], dict) else {}
    percentage = int(excluded) if excluded == int(excluded) else excluded
    return [{"properties": [], **leading, "rollout_percentage": percentage}, *there[1:]]


HOLDOUT = Noun(
    model=m.Holdout,
    fields={
        "name": Value(name_text),
        "description": Value(brief_text),
        "filters": Value(json_rule(list), FILTERS, required=True),
        "exclusion_percentage": Value(share, required=True),
    },
    checks=(share_and_filters_agree,),
)
