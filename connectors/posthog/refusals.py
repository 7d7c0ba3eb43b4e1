"""Why PostHog refuses: by status and code, then by what it shows, never by its sentences."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from connectors.base import Task
from connectors.http import Reply
from connectors.payloads.looking import part
from connectors.posthog.calls import DECISIONS, request_of
from connectors.posthog.project import Project
from connectors.posthog.reading import Row, on_flag, shown
from connectors.refusals import ACTIONS, BY_STATUS, illegal, not_understood, unsupported
from models.arguments import FieldError
from models.errors import (
    ApprovalRequired,
    NotReady,
    StaleVersion,
    Taken,
    UserError,
    ValidationFailed,
)
from models.lifecycle import row_of
from models.phase import Action, Platform
from models.readiness import Blocker, Facts, VariantFacts

WAITS = frozenset({"approval_required", "change_request_pending"})
INVALID = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
RULES = frozenset({"required", "blank", "null", "max_length", "invalid_choice", "unique"})
"""Codes of PostHog's that say which rule a field breaks."""

PATHS: Mapping[str, str] = {
    "conclusion": "conclusion",
    "conclusion_comment": "comment",
    "description": "description",
    "exposure_criteria": "exposureCriteria",
    "feature_flag_key": "key",
    "filters": "filters",
    "holdout_id": "holdout",
    "metrics": "metrics",
    "metrics_secondary": "metricsSecondary",
    "name": "name",
    "parameters": "variants",
    "query": "query",
    "reason": "reason",
    "saved_metrics_ids": "savedMetrics",
    "stats_config": "statsConfig",
    "tags": "tags",
    "type": "type",
    "variant_key": "variantIndex",
}
"""What PostHog's fields are called in the graph."""

NAMES: Mapping[str, tuple[str, str]] = {
    "CREATE": ("feature_flags/", "key"),
    "CREATE_SAVED_METRIC": ("experiment_saved_metrics/", "name"),
    "UPDATE_SAVED_METRIC": ("experiment_saved_metrics/", "name"),
}
"""Where names must be unique: the list in which another may have it, and the field."""


async def reasons(project: Project, task: Task, reply: Reply) -> tuple[UserError, ...]:
    """Every reason that can be told."""
    source, said = project.api.source, said_by(reply)
    if reply.status == HTTPStatus.CONFLICT:
        return (_conflict(source, said),)
    if reply.status == HTTPStatus.NOT_FOUND and await _is_there(project, task):
        return unsupported(Platform.POSTHOG, task.verb).reasons
    if reply.status in BY_STATUS:
        return (BY_STATUS[reply.status](source, reply.status),)
    if reply.status in INVALID:
        return (await _not_so(project, task, said),)
    return (not_understood(source, reply.status),)


async def _not_so(project: Project, task: Task, said: Row) -> UserError:
    """What is wrong, or in the way."""
    if task.verb in ACTIONS:
        return await _not_now(project, task, said)
    if task.verb in {*DECISIONS, "CANCEL"}:
        return await _undecided(project, task, said)
    return await _taken(project, task) or _invalid(said)


def said_by(reply: Reply) -> Row:
    """The body of an answer; empty where it is no object."""
    try:
        found = reply.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def change_request_in(reply: Reply) -> Row | None:
    """The change request that an answer carries, whatever it is called there."""
    said = said_by(reply)
    found = part(said, "change_request") or part(said, "existing_change_request")
    return dict(found) if found.get("id") else None


def _conflict(source: str, said: Row) -> UserError:
    if said.get("change_request_id") or said.get("code") in WAITS:
        message = "A policy on PostHog asks for approval first; the change request waits there."
        return ApprovalRequired(message=message, path=("id",), change_request_id=None)
    if isinstance(said.get("current_version"), int):
        message = "Somebody changed it on PostHog since this gateway last read it."
        return StaleVersion(message=message, path=("id",), current_version=said["current_version"])
    return not_understood(source, HTTPStatus.CONFLICT)


async def _is_there(project: Project, task: Task) -> bool:
    """Whether it is only the call that this release does not have."""
    return task.verb in ACTIONS and await project.find(task.row) is not None


async def _not_now(project: Project, task: Task, said: Row) -> UserError:
    """Why an action cannot be taken: by where it stands, what it lacks, what was said with it."""
    found = await project.find(task.row)
    if found is None:
        return _lacks([FLAG_GONE])
    wrong = illegal(task, shown(found))
    if wrong is not None:
        return wrong
    blockers = blockers_of(task.verb, found)
    if blockers:
        return _lacks(blockers)
    return _invalid(said) if said.get("attr") in PATHS else _lacks([REFUSED])


FLAG_GONE = Blocker("feature_flag_deleted", "Its feature flag is deleted.", ("featureFlag",))
BY_GROUP = Blocker("by_group", "An experiment on groups cannot be frozen.", ("id",))
REFUSED = Blocker("platform_refused", "PostHog does not take this action as it stands.", ("id",))


def blockers_of(verb: str, found: Row) -> list[Blocker]:
    """What an experiment lacks on PostHog."""
    blockers = [FLAG_GONE] if part(found, "feature_flag").get("deleted") else []
    taken = row_of(Platform.POSTHOG, Action(verb)) if verb in ACTIONS else None
    blockers += taken.blockers(facts_of(found)) if taken else ()
    if verb == Action.FREEZE:
        group = part(found, "feature_flag", "filters").get("aggregation_group_type_index")
        blockers += [BY_GROUP] if group is not None else []
    return blockers


def facts_of(found: Row) -> Facts:
    """What guards ask of an experiment, as PostHog has it."""
    return Facts(
        key=str(found.get("feature_flag_key")),
        has_holdout=bool(found.get("holdout") or found.get("holdout_id")),
        variants=tuple(
            VariantFacts(
                each.get("key"), each.get("key") == "control", each.get("rollout_percentage")
            )
            for each in on_flag(found)
        ),
    )


def _lacks(blockers: list[Blocker]) -> NotReady:
    message = " ".join(blocker.message for blocker in blockers)
    return NotReady(message=message, path=("id",), blockers=tuple(blockers))


async def _undecided(project: Project, task: Task, said: Row) -> UserError:
    """Why a change request could not be decided."""
    if said.get("attr") in PATHS:
        return _invalid(said)
    found = await project.read(f"change_requests/{request_of(task)}/") or {}
    if found.get("state") == "pending":
        error = FieldError(("id",), "You have voted on this already.", "one_vote")
    else:
        message = "The change request is decided already, and no longer PENDING."
        error = FieldError(("id",), message, "pending")
    return ValidationFailed.of(error)


async def _taken(project: Project, task: Task) -> Taken | None:
    """Whether another one has the name."""
    if task.verb not in NAMES:
        return None
    path, field = NAMES[task.verb]
    wanted = task.row.key if task.verb == "CREATE" else task.arguments.get("name")
    reply = await project.api.get(path, {"search": str(wanted)})
    rows: Any = said_by(reply).get("results")
    for row in rows if isinstance(rows, list) else ():
        same = str(row.get(field)).casefold() == str(wanted).casefold()
        if same and str(row.get("id")) != task.row.external_id:
            message = f"PostHog has the {field} {wanted!r} already."
            return Taken(message=message, path=(field,), field=field, value=str(wanted))
    return None


def _invalid(said: Row) -> ValidationFailed:
    """What is wrong with a field, by its name and the rule's; the sentence stays there."""
    attr = str(said.get("attr") or "").partition("__")[0]
    path = PATHS.get(attr, "id")
    code = said.get("code")
    rule = code if code in RULES else "refused"
    what = path if attr in PATHS else "this"
    return ValidationFailed.of(FieldError((path,), f"PostHog does not accept {what}.", rule))
