"""The gate before writes of flags and holdouts: what a policy matches waits for approval."""

import operator
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.platforms.posthog.state import State
from tests.platforms.standin import Answer, Ask, Refused, Row, now, stamp

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
PENDING = "A pending approval request already exists for this action"


@dataclass(frozen=True, kw_only=True)
class Write:
    """A write that may have to wait.

    ``actions`` are the words by which a policy may catch it, each with the type and id of the
    resource that it names. ``flag`` or ``holdout`` is what is written, ``changes`` are its new
    values, None to delete it. ``view`` says that no serializer is in between.
    """

    actions: tuple[tuple[str, str, Any], ...]
    changes: Row | None
    flag: Row | None = None
    holdout: Row | None = None
    view: bool = True

    @property
    def target(self) -> Row:
        """What is written."""
        found = self.flag or self.holdout
        assert found is not None
        return found

    @property
    def idle(self) -> bool:
        """Whether it would change nothing."""
        changes = self.changes
        return changes is not None and all(self.target[k] == v for k, v in changes.items())


def write(here: State, ask: Ask, wanted: Write) -> None:
    """Do it, unless it must wait: then keep a change request. Raises Refused with 409."""
    if wanted.idle:
        return
    found = _policies(here, ask, wanted)
    if len(found) > 1:
        raise _conflict([policy for policy, _ in found])
    if found:
        raise _waits(here, ask, wanted, *found[0])
    apply(here, wanted)


def apply(here: State, wanted: Write) -> None:
    """Do it past the gate."""
    if wanted.flag is not None and wanted.changes is not None:
        here.write_flag(wanted.flag, wanted.changes)
    elif wanted.holdout is not None and wanted.changes is not None:
        wanted.holdout.update(wanted.changes, updated_at=stamp())
        spread(here, wanted.holdout)
    elif wanted.holdout is not None:
        del here.holdouts[wanted.holdout["id"]]
        spread(here, wanted.holdout, gone=True)


def spread(here: State, holdout: Row, *, gone: bool = False) -> None:
    """Write a holdout into the flags of its experiments."""
    for row in here.experiments.values():
        if row["holdout_id"] == holdout["id"]:
            filters = {**row["feature_flag"]["filters"], "holdout": held(None if gone else holdout)}
            here.write_flag(row["feature_flag"], {"filters": filters})
            if gone:
                row.update(holdout=None, holdout_id=None)


def held(holdout: Row | None) -> Row | None:
    """What a flag says of a holdout."""
    if holdout is None:
        return None
    share = holdout["filters"][0]["rollout_percentage"]
    return {"id": holdout["id"], "exclusion_percentage": share}


# --- Which policies match


def _policies(here: State, ask: Ask, wanted: Write) -> list[tuple[Row, tuple[str, str, Any]]]:
    user = here.caller(ask)
    return [
        (policy, action)
        for action in wanted.actions
        for policy in here.approval_policies.values()
        if policy["enabled"]
        and policy["action_key"] == action[0]
        and here.levels.get(user, 1) not in policy["bypass_org_membership_levels"]
        and not here.roles.get(user, set()) & set(policy["bypass_roles"])
        and _met(policy["conditions"], wanted)
    ]


def _met(conditions: Row, wanted: Write) -> bool:
    kind = conditions.get("type", "any_change")
    if kind == "any_change" or wanted.changes is None:
        return True
    compare = OPERATORS[conditions["operator"]]
    before, after = shares(wanted.target), shares({**wanted.target, **wanted.changes})
    if kind == "change_amount":
        pairs = zip(before, after, strict=False)
        return any(compare(abs(new - old), conditions["value"]) for old, new in pairs)
    return any(compare(share, conditions["value"]) for share in after)


def shares(target: Row) -> list[float]:
    """Every ``rollout_percentage`` of a flag or a holdout, in order."""
    filters = target["filters"]
    if isinstance(filters, list):
        return [filters[0]["rollout_percentage"]]
    groups = [group["rollout_percentage"] or 0 for group in filters["groups"]]
    variants = filters["multivariate"]["variants"]
    return groups + [variant["rollout_percentage"] for variant in variants]


def _conflict(policies: list[Row]) -> Refused:
    named = [{"id": policy["id"], "name": policy["action_key"]} for policy in policies]
    body = {
        "code": "policy_conflict",
        "error": "Several approval policies match this change",
        "conflicting_policies": named,
        "guidance": "Make the changes one by one.",
    }
    return Refused(Answer(body, 400))


# --- What waits


def _waits(
    here: State, ask: Ask, wanted: Write, policy: Row, action: tuple[str, str, Any]
) -> Refused:
    intent = _intent(wanted)
    for request in here.change_requests.values():
        same = (request["action_key"], request["resource_id"]) == (action[0], str(action[2]))
        wants = request["intent"]["changes"]
        if same and request["state"] == "pending" and wants == intent["changes"]:
            return _duplicate(here, ask, wanted, request)
    request = make(here, here.caller(ask), wanted, policy, action)
    body = {
        **_named(request),
        "code": "approval_required",
        "status": "approval_required",
        "message": "This action requires approval",
        "change_request": shown(here, request, here.caller(ask)),
        "required_approvers": policy["approver_config"],
    }
    if not wanted.view:
        body["detail"] = body["message"]
    return Refused(Answer(body, 409))


def _duplicate(here: State, ask: Ask, wanted: Write, request: Row) -> Refused:
    existing = shown(here, request, here.caller(ask))
    body = {**_named(request), "code": "change_request_pending"}
    if wanted.view:
        body |= {"error": PENDING, "existing_change_request": existing}
    else:
        body |= {
            "status": "approval_required",
            "detail": PENDING,
            "message": PENDING,
            "change_request": existing,
            "required_approvers": {},
        }
    return Refused(Answer(body, 409))


def _named(request: Row) -> Row:
    names = ("resource_type", "resource_id")
    return {"change_request_id": request["id"], **{name: request[name] for name in names}}


def _intent(wanted: Write) -> Row:
    return {
        "flag": wanted.flag and wanted.flag["id"],
        "holdout": wanted.holdout and wanted.holdout["id"],
        "changes": deepcopy(wanted.changes),
        "version": wanted.flag and wanted.flag["version"],
    }


def make(here: State, user: int, wanted: Write, policy: Row, action: tuple[str, str, Any]) -> Row:
    """Keep a change request of a user."""
    before = {key: wanted.target[key] for key in wanted.changes or {}}
    settings = ("conditions", "bypass_org_membership_levels", "bypass_roles")
    request: Row = {
        "id": str(uuid4()),
        "action_key": action[0],
        "action_version": 1,
        "resource_type": action[1],
        "resource_id": str(action[2]),
        "intent": _intent(wanted),
        "intent_display": {
            "description": action[0],
            "before": deepcopy(before),
            "after": deepcopy(wanted.changes),
            "triggered_paths": sorted(wanted.changes or {}),
        },
        "policy_snapshot": {
            **deepcopy(policy["approver_config"]),
            "allow_self_approve": policy["allow_self_approve"],
            **{name: deepcopy(policy[name]) for name in settings},
        },
        "validation_status": "valid",
        "validation_errors": None,
        "validated_at": stamp(),
        "state": "pending",
        "created_by": here.users.get(user),
        "applied_by": None,
        "created_at": stamp(),
        "updated_at": stamp(),
        "expires_at": stamp(now() + timedelta(days=14)),
        "applied_at": None,
        "apply_error": None,
        "result_data": None,
        "approvals": [],
    }
    here.change_requests[request["id"]] = request
    return request


# --- What a request looks like to the one who asks


def settle(here: State, request: Row) -> None:
    """What the hourly tasks see: a request has expired, or what it is about has changed."""
    if request["state"] in {"pending", "approved"} and request["expires_at"] < stamp():
        request["state"] = "expired"
    flag = here.feature_flags.get(request["intent"]["flag"] or 0)
    if request["state"] == "pending" and flag and flag["version"] != request["intent"]["version"]:
        request["validation_status"] = "stale"


def may_decide(here: State, request: Row, user: int) -> bool:
    """Whether a user is one of those who approve."""
    snapshot = request["policy_snapshot"]
    requester = (request["created_by"] or {}).get("id") == user
    named = user in snapshot["users"] or here.roles.get(user, set()) & set(snapshot["roles"])
    return bool(named) and (not requester or snapshot["allow_self_approve"])


def may_cancel(request: Row, user: int) -> bool:
    """Whether a user may take a request back."""
    mine = (request["created_by"] or {}).get("id") == user
    return mine and (not request["approvals"] or request["validation_status"] == "stale")


def shown(here: State, request: Row, user: int) -> Row:
    """A change request, with what its reader may do with it."""
    settle(here, request)
    pending = request["state"] == "pending"
    voted = [each for each in request["approvals"] if each["created_by"]["id"] == user]
    return {
        **request,
        "approvals": list(request["approvals"]),
        "can_approve": pending and not voted and may_decide(here, request, user),
        "can_cancel": pending and may_cancel(request, user),
        "is_requester": (request["created_by"] or {}).get("id") == user,
        "user_decision": voted[0]["decision"] if voted else None,
    }
