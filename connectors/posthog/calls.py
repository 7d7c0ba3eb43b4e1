"""What PostHog is asked to do, for each verb: one call that changes something."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson

from connectors.base import Task
from connectors.errors import PlatformFailed
from connectors.http import Reply
from connectors.payloads.looking import part
from connectors.posthog import designs
from connectors.posthog.project import Project, path_of
from connectors.posthog.reading import PATHS, SKEW, Listing, Row, keys_of, moment
from connectors.refusals import gone
from models.arguments import FieldError
from models.errors import Refusal, ValidationFailed
from models.holdout import Holdout
from models.phase import Action
from models.saved_metric import SavedMetric

Perform = Callable[[Project, Task], Awaitable[Reply]]

WORDS: Mapping[str, str] = {
    Action.START: "launch",
    Action.PAUSE: "pause",
    Action.RESUME: "resume",
    Action.FREEZE: "freeze_exposure",
    Action.UNFREEZE: "unfreeze_exposure",
    Action.STOP: "end",
    Action.FULL_ON: "ship_variant",
    Action.ARCHIVE: "archive",
    Action.UNARCHIVE: "unarchive",
    Action.RESET: "reset",
}
FIELDS: Mapping[str, Row] = {
    Action.DELETE: {"deleted": True},
    Action.RESTORE: {"deleted": False},
    Action.UNARCHIVE: {"archived": False},
}
"""Actions that are an edit, on some releases or on all."""

NOT_THERE = frozenset({404, 405})
PENDING = Listing("change_requests/", {"state": "pending"}, optional=True)
NOTHING_TO_DO = Reply(204, {}, b"")


async def act(project: Project, task: Task) -> Reply:
    """An action with a call of its own; where a release lacks it, the edit that does the same."""
    path = f"{path_of(task.row, project.api.source)}/{WORDS[task.verb]}/"
    body = await _said(project, task)
    try:
        reply = await project.api.send("POST", path, body)
    except PlatformFailed as error:
        if error.status != HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return await _waiting(project, task, error)
    if reply.status in NOT_THERE and task.verb in FIELDS:
        return await patch(project, task)
    return reply


async def _waiting(project: Project, task: Task, error: PlatformFailed) -> Reply:
    """The answer that should have come where an action waits for approval.

    Releases there are that make the change request and fail all the same. Raises the failure where
    there is none.
    """
    found = await project.find(task.row) or {}
    flag = part(found, "feature_flag").get("id")
    about = {("experiment", task.row.external_id), ("feature_flag", str(flag))}
    _, requests, _ = await project.page(PENDING, None)
    for request in requests:
        at = moment(request.get("created_at"))
        is_fresh = at is not None and at >= task.at - SKEW
        named = (str(request.get("resource_type")), str(request.get("resource_id")))
        if is_fresh and named in about:
            said = {"change_request_id": request.get("id"), "change_request": request}
            return Reply(HTTPStatus.CONFLICT, {}, orjson.dumps(said))
    raise error


async def patch(project: Project, task: Task) -> Reply:
    """An action that is an edit; it is merged with what others have changed meanwhile."""
    fields = FIELDS[task.verb]
    body = {**fields, **version_of(task)}
    if "version" in body:
        body["original_experiment"] = {name: not value for name, value in fields.items()}
    path = f"{path_of(task.row, project.api.source)}/"
    return await project.api.send("PATCH", path, body)


async def _said(project: Project, task: Task) -> Row | None:
    """What goes with an action."""
    arguments = task.arguments
    concluded = {
        "conclusion": arguments.get("conclusion"),
        "conclusion_comment": arguments.get("comment"),
    }
    body = {name: value for name, value in concluded.items() if value is not None}
    if task.verb == Action.STOP:
        return body
    if task.verb == Action.FULL_ON:
        return {"variant_key": await _variant(project, task), **body}
    return None


async def _variant(project: Project, task: Task) -> str:
    """The key of the variant that is shipped. Raises a Refusal where there is none."""
    keys = keys_of(await fresh(project, task))
    index = task.arguments.get("variant_index")
    key = keys[index] if isinstance(index, int) and 0 <= index < len(keys) else None
    if key:
        return key
    message = f"PostHog has no variant {index}."
    raise Refusal(ValidationFailed.of(FieldError(("variantIndex",), message, "variant_index")))


async def fresh(project: Project, task: Task) -> Row:
    """What the task is about, as PostHog shows it now. Raises a Refusal where it is gone."""
    found = await project.find(task.row)
    if found is None:
        raise Refusal(gone(project.api.source))
    return found


def version_of(task: Task) -> Row:
    """The version that this gateway knows, on which an edit is based; older releases have none."""
    version = (task.row.details or {}).get("platform_version")
    return {"version": version} if isinstance(version, int) else {}


async def make(project: Project, task: Task) -> Reply:
    """Make an experiment."""
    return await project.api.send("POST", "experiments/", designs.made(task.arguments["design"]))


async def edit(project: Project, task: Task) -> Reply:
    """Change an experiment, based on the version that is known here."""
    names = task.arguments["fields"]
    designs.require_possible(set(names))
    found = await fresh(project, task)
    body = designs.changed(task.arguments["design"], names, found)
    if not body:
        return NOTHING_TO_DO
    base = version_of(task) or {name: found[name] for name in ("version",) if name in found}
    path = f"{path_of(task.row, project.api.source)}/"
    return await project.api.send("PATCH", path, {**body, **base})


async def edit_variants(project: Project, task: Task) -> Reply:
    """Change the variants, all of which are one field of the experiment."""
    arguments = {**task.arguments, "fields": ["variants"]}
    return await edit(project, Task(**{**_parts(task), "arguments": arguments}))


def _parts(task: Task) -> dict[str, Any]:
    return {name: getattr(task, name) for name in task.__slots__}


# --- What experiments share

SHARED: Mapping[str, tuple[str, str]] = {
    "CREATE_HOLDOUT": ("POST", PATHS[Holdout]),
    "UPDATE_HOLDOUT": ("PATCH", PATHS[Holdout]),
    "DELETE_HOLDOUT": ("DELETE", PATHS[Holdout]),
    "CREATE_SAVED_METRIC": ("POST", PATHS[SavedMetric]),
    "UPDATE_SAVED_METRIC": ("PATCH", PATHS[SavedMetric]),
    "DELETE_SAVED_METRIC": ("DELETE", PATHS[SavedMetric]),
}


async def share(project: Project, task: Task) -> Reply:
    """Make, change or delete a holdout or a saved metric."""
    method, folder = SHARED[task.verb]
    if method == "POST":
        return await project.api.send(method, f"{folder}/", shared_body(task))
    path = f"{path_of(task.row, project.api.source)}/"
    if method == "DELETE":
        return await project.api.send(method, path)
    found = await fresh(project, task)
    body = shared_changes(task, found)
    return await project.api.send(method, path, body) if body else NOTHING_TO_DO


def shared_body(task: Task) -> Row:
    """Everything that is said of a holdout or a saved metric."""
    said = task.arguments
    body = {name: said.get(name) for name in ("name", "description")}
    if task.verb.endswith("HOLDOUT"):
        return {**body, "filters": [_excluded(said)]}
    return {**body, "query": said.get("query"), "tags": said.get("tags") or []}


def _excluded(said: Mapping[str, Any]) -> Row:
    """Whom a holdout keeps out: only the first of its filters counts."""
    filters = said.get("filters") or [{}]
    first = filters[0] if isinstance(filters[0], dict) else {}
    percentage = said.get("exclusion_percentage")
    share = first.get("rollout_percentage") if percentage is None else percentage
    return {"properties": first.get("properties") or [], "rollout_percentage": share}


def shared_changes(task: Task, found: Row) -> Row:
    """What of it PostHog shows otherwise."""
    body = shared_body(task)
    return {name: value for name, value in body.items() if not designs.alike(value, found[name])}


# --- Change requests


async def decide(project: Project, task: Task) -> Reply:
    """Vote on a change request, or take it back; what was done already is answered as done."""
    path = f"change_requests/{request_of(task)}"
    found = await project.read(f"{path}/")
    if found is None:
        raise Refusal(gone(project.api.source))
    if is_decided(task, found):
        return Reply(200, {}, orjson.dumps({"change_request": found}))
    reason = task.arguments.get("reason")
    body = {"reason": reason} if reason is not None else {}
    return await project.api.send("POST", f"{path}/{task.verb.lower()}/", body)


def request_of(task: Task) -> str:
    """The id of the change request, in the form that PostHog gives them."""
    found = str(task.arguments["change_request"])
    if not found.replace("-", "").isalnum():
        raise Refusal(ValidationFailed.of(FieldError(("id",), "It has no such id.", "unknown")))
    return found


DECISIONS = {"APPROVE": "approved", "REJECT": "rejected"}


def is_decided(task: Task, found: Row) -> bool:
    """Whether the request shows the decision already, since it was made here."""
    if task.verb == "CANCEL":
        at = moment(found.get("updated_at"))
        return found.get("state") == "rejected" and at is not None and at >= task.at - SKEW
    votes = found.get("approvals")
    return found.get("user_decision") == DECISIONS[task.verb] and any(
        isinstance(vote, dict)
        and vote.get("decision") == DECISIONS[task.verb]
        and (at := moment(vote.get("created_at"))) is not None
        and at >= task.at - SKEW
        for vote in (votes if isinstance(votes, list) else ())
    )


PERFORM: Mapping[str, Perform] = {
    **dict.fromkeys(WORDS, act),
    Action.DELETE: patch,
    Action.RESTORE: patch,
    "CREATE": make,
    "UPDATE": edit,
    **dict.fromkeys(("CREATE_VARIANT", "UPDATE_VARIANT", "DELETE_VARIANT"), edit_variants),
    **dict.fromkeys(SHARED, share),
    **dict.fromkeys((*DECISIONS, "CANCEL"), decide),
}
"""What is done for each verb; PostHog has nothing for any other."""
