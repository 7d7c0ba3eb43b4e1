"""Made-up change requests of PostHog, one in every state, and the policy that they fell under."""

from tests.platforms.posthog import gate
from tests.platforms.posthog.state import State
from tests.platforms.standin import Row

ACTION = "experiment_holdout.update"
AT = "2026-02-01T08:00:00.000Z"
MORE: dict[str, Row] = {
    "pending": {"expires_at": "2031-01-01T00:00:00.000Z"},
    "approved": {"expires_at": "2031-01-01T00:00:00.000Z"},
    "applied": {"applied_at": AT},
    "rejected": {},
    "expired": {"expires_at": AT},
    "failed": {"apply_error": "The resource is gone"},
}
"""The states, and what goes with each."""

DECIDED = {"approved": "approved", "applied": "approved", "rejected": "rejected"}


def make(here: State) -> None:
    """Make them, about the last holdout; they are the fourth user's."""
    holdout = here.holdouts[max(here.holdouts)]
    policy = here.add_policy(
        {
            "id": "00000000-0000-4000-8000-000000000001",
            "action_key": ACTION,
            "approver_config": {"quorum": 1, "users": [2, 3], "roles": []},
        }
    )
    for place, (state, more) in enumerate(MORE.items(), 1):
        filters = [{**holdout["filters"][0], "rollout_percentage": 50 + place}]
        wanted = gate.Write(actions=(), changes={"filters": filters}, holdout=holdout)
        request = gate.make(here, 4, wanted, policy, (ACTION, "experiment_holdout", holdout["id"]))
        del here.change_requests[request["id"]]
        request |= {
            "id": f"00000000-0000-4000-9000-{place:012}",
            "state": state,
            **dict.fromkeys(("created_at", "updated_at", "validated_at"), AT),
            **more,
        }
        if state in DECIDED:
            request["approvals"] = [_vote(here, place, DECIDED[state])]
        here.change_requests[request["id"]] = request


def _vote(here: State, place: int, decision: str) -> Row:
    return {
        "id": f"00000000-0000-4000-a000-{place:012}",
        "created_by": here.users[2],
        "decision": decision,
        "reason": "Seen.",
        "created_at": AT,
    }
