"""What can be written of a goal."""

from typing import Any

import models as m
from models.arguments import FieldError
from models.rules import checkmango_key, long_text, name_text
from resolvers.change import Change
from resolvers.native_type import forget_native_type
from resolvers.team_bound import owned_by_own_team
from resolvers.writing import Links, Noun, Patch, Value

CHECKMANGO_TYPES = {m.GoalType.UNIQUE, m.GoalType.COUNT}


async def fits_checkmango(_: Change, row: Any, patch: Patch) -> None:
    """On Checkmango a goal's name is a key, and its achievements are counted in one of two ways."""
    if patch.source.platform is not m.Platform.CHECKMANGO:
        return
    if "name" in patch.values and (error := checkmango_key(("name",), patch.values["name"])):
        patch.wrong.append(error)
    if (row is None or "type" in patch.values) and patch.values.get("type") not in CHECKMANGO_TYPES:
        message = "type must be UNIQUE or COUNT on CHECKMANGO."
        patch.wrong.append(FieldError(("type",), message, "required"))


GOAL = Noun(
    model=m.Goal,
    fields={
        "name": Value(name_text),
        "description": Value(long_text),
        "type": Value(),
        "archived": Value(),
        "owners": Links(m.GoalOwner, m.User, "goal_id", "user_id"),
        "teams": Links(m.GoalTeam, m.Team, "goal_id", "team_id"),
        "tags": Links(m.GoalTag, m.Tag, "goal_id", "tag_id", only={"kind": m.TagKind.GOAL}),
    },
    checks=(fits_checkmango, forget_native_type, owned_by_own_team(m.GoalTeam, "goal_id")),
)
