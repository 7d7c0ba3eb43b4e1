"""What can be written of an approval policy."""

from typing import Any

import models as m
from models.arguments import FieldError
from models.errors import Forbidden, Refusal, UnsupportedByPlatform
from models.lifecycle import row_of
from models.rules import name_text, number_rule
from resolvers.change import Change
from resolvers.writing import Noun, Patch, Reference, Value

MOST_APPROVALS = 100
MOST_HOURS = 10 * 365 * 24


async def gates_something(_: Change, row: Any, patch: Patch) -> None:
    """The platform has the action, where both are named."""
    action, platform = (
        patch.values.get(name, getattr(row, name, None)) for name in ("action", "platform")
    )
    said = {"action", "platform"} & patch.values.keys()
    if said and action and platform and row_of(platform, action) is None:
        message = f"{platform} has no {action}."
        patch.reasons.append(
            UnsupportedByPlatform(
                message=message, path=("action",), platform=platform, action=action
            )
        )


async def about_own_team(change: Change, row: Any, patch: Patch) -> None:
    """A key that is bound to teams decides about them, and about nobody else."""
    if change.viewer.teams is None:
        return
    if patch.values.get("team_id", getattr(row, "team_id", None)) is None:
        message = "Your key is bound to teams: team must be one of them."
        patch.wrong.append(FieldError(("team",), message, "team_bound"))


async def require_own_team(change: Change, row: Any) -> None:
    """Raises a Refusal where a key that is bound to teams would change what binds others too."""
    teams = change.viewer.teams
    if teams is not None and row.team_id not in teams:
        message = "Your key is bound to teams, and this policy is about others too."
        raise Refusal(Forbidden(message=message, scope=None))


APPROVAL_POLICY = Noun(
    model=m.ApprovalPolicy,
    fields={
        "name": Value(name_text),
        "action": Value(),
        "platform": Value(),
        "team": Reference(m.Team),
        "quorum": Value(number_rule(1, MOST_APPROVALS)),
        "allow_self_approval": Value(),
        "expires_after_hours": Value(number_rule(1, MOST_HOURS)),
        "enabled": Value(),
    },
    checks=(gates_something, about_own_team),
    guard=require_own_team,
)
