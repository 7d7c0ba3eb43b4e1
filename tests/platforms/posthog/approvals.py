"""Change requests, which are approved, rejected and cancelled, and the policies that make them."""

from uuid import uuid4

from starlette.responses import Response

from tests.platforms.posthog import lists
from tests.platforms.posthog.gate import Write, apply, may_cancel, may_decide, settle, shown
from tests.platforms.posthog.state import ADMIN, State
from tests.platforms.standin import Answer, Ask, Refused, Routed, Row, stamp


def _denied(status: int, error: str, reason: str = "") -> Refused:
    body = {"error": error, "reason": reason} if status == 403 else {"error": error}
    return Refused(Answer(body, status))


def _pending(here: State, ask: Ask) -> Row:
    request = here.find(here.change_requests, ask.path["id"])
    settle(here, request)
    if request["state"] != "pending":
        raise _denied(400, f"Change request is {request['state']}, not pending")
    return request


def _answer(here: State, ask: Ask, request: Row, status: str, message: str) -> Response:
    seen = shown(here, request, here.caller(ask))
    return Answer({"status": status, "message": message, "change_request": seen})


def listed(here: State, ask: Ask) -> Response:
    """``GET /change_requests/``, newest first."""
    query = ask.query
    states = set(query["state"].split(",")) if "state" in query else None
    exact = [name for name in ("action_key", "resource_type", "resource_id") if name in query]
    user, rows = here.caller(ask), []
    for request in reversed(here.change_requests.values()):
        settle(here, request)
        requester = str((request["created_by"] or {}).get("id"))
        if (
            (states is None or request["state"] in states)
            and all(request[name] == query[name] for name in exact)
            and query.get("requester", requester) == requester
        ):
            rows.append(request)
    return lists.page(here, ask, rows, lambda row: shown(here, row, user))


def one(here: State, ask: Ask) -> Response:
    """``GET /change_requests/:id/``."""
    request = here.find(here.change_requests, ask.path["id"])
    return Answer(shown(here, request, here.caller(ask)))


def _vote(here: State, ask: Ask, request: Row, decision: str) -> None:
    user = here.caller(ask)
    if any(vote["created_by"]["id"] == user for vote in request["approvals"]):
        raise _denied(400, "You have already voted on this change request")
    if not may_decide(here, request, user):
        raise _denied(403, "You cannot decide on this change request", "not_an_approver")
    request["approvals"].append(
        {
            "id": str(uuid4()),
            "created_by": here.users[user],
            "decision": decision,
            "reason": ask.body.get("reason"),
            "created_at": stamp(),
        }
    )
    request["updated_at"] = stamp()


def approve(here: State, ask: Ask) -> Response:
    """``POST …/approve/``: with enough votes it is applied at once, as its requester."""
    request = _pending(here, ask)
    _vote(here, ask, request, "approved")
    votes, quorum = len(request["approvals"]), request["policy_snapshot"]["quorum"]
    if votes < quorum:
        return _answer(here, ask, request, "approved", f"{votes}/{quorum} approvals")
    request["state"] = "approved"
    _apply(here, ask, request)
    return _answer(here, ask, request, request["state"], f"{votes}/{quorum} approvals")


def _apply(here: State, ask: Ask, request: Row) -> None:
    intent = request["intent"]
    flag = here.feature_flags.get(intent["flag"] or 0)
    holdout = here.holdouts.get(intent["holdout"] or 0)
    stale = flag is not None and flag["version"] != intent["version"]
    if stale or not (flag or holdout):
        error = "The resource has changed since the request" if stale else "The resource is gone"
        request.update(state="failed", apply_error=error, updated_at=stamp())
        return
    apply(here, Write(actions=(), changes=intent["changes"], flag=flag, holdout=holdout))
    version = flag["version"] if flag else None
    request.update(
        state="applied",
        applied_by=here.users[here.caller(ask)],
        applied_at=stamp(),
        updated_at=stamp(),
        result_data={"resource_id": request["resource_id"], "resource_version": version},
    )


def reject(here: State, ask: Ask) -> Response:
    """``POST …/reject/`` with a reason: a single one is final."""
    request = _pending(here, ask)
    if not ask.body.get("reason"):
        raise here.invalid("This field is required.", "reason")
    _vote(here, ask, request, "rejected")
    request["state"] = "rejected"
    return _answer(here, ask, request, "rejected", "The change request was rejected")


def cancel(here: State, ask: Ask) -> Response:
    """``POST …/cancel/``: by who asked for it, while nobody has approved."""
    request = _pending(here, ask)
    if not may_cancel(request, here.caller(ask)):
        raise _denied(403, "You cannot cancel this change request", "not_cancellable")
    request.update(state="rejected", updated_at=stamp())
    return _answer(here, ask, request, "rejected", "The change request was cancelled")


# --- Policies

POLICY = frozenset(
    {
        *("action_key", "conditions", "approver_config", "allow_self_approve", "expires_after"),
        *("bypass_org_membership_levels", "bypass_roles", "enabled"),
    }
)


def policies(here: State, ask: Ask) -> Response:
    """``GET /approval_policies/``."""
    key, enabled = ask.query.get("action_key"), ask.query.get("enabled")
    rows = [
        row
        for row in here.approval_policies.values()
        if key in {None, row["action_key"]}
        and (enabled is None or row["enabled"] == (enabled in lists.TRUE))
    ]
    return lists.page(here, ask, rows)


def policy(here: State, ask: Ask) -> Response:
    """``GET /approval_policies/:id/``."""
    return Answer(here.find(here.approval_policies, ask.path["id"]))


def _policy(here: State, ask: Ask, row: Row | None = None) -> Row:
    if here.levels.get(here.caller(ask), 1) < ADMIN:
        raise here.failed(403, "Only organization admins can change approval policies.")
    said = {key: value for key, value in ask.body.items() if key in POLICY}
    key = said.get("action_key", row and row["action_key"])
    if not key:
        raise here.invalid("This field is required.", "action_key")
    others = (each for each in here.approval_policies.values() if each is not row)
    if any(each["action_key"] == key for each in others):
        raise here.invalid("A policy for this action already exists.", "action_key")
    if said.get("approver_config", {"quorum": 1}).get("quorum", 0) < 1:
        raise here.invalid("quorum must be at least 1", "approver_config")
    return said


def make_policy(here: State, ask: Ask) -> Response:
    """``POST /approval_policies/``."""
    return Answer(here.add_policy(_policy(here, ask)), 201)


def change_policy(here: State, ask: Ask) -> Response:
    """``PATCH /approval_policies/:id/``."""
    row = here.find(here.approval_policies, ask.path["id"])
    row.update(_policy(here, ask, row))
    return Answer(row)


def delete_policy(here: State, ask: Ask) -> Response:
    """``DELETE /approval_policies/:id/``."""
    row = here.find(here.approval_policies, ask.path["id"])
    _policy(here, ask, row)
    del here.approval_policies[row["id"]]
    return Response(status_code=204)


ROUTES: list[Routed] = [
    ("GET", "/change_requests", listed),
    ("GET", "/change_requests/{id}", one),
    ("POST", "/change_requests/{id}/approve", approve),
    ("POST", "/change_requests/{id}/reject", reject),
    ("POST", "/change_requests/{id}/cancel", cancel),
    ("GET", "/approval_policies", policies),
    ("POST", "/approval_policies", make_policy),
    ("GET", "/approval_policies/{id}", policy),
    ("PATCH", "/approval_policies/{id}", change_policy),
    ("DELETE", "/approval_policies/{id}", delete_policy),
]
