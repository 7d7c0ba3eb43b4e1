"""Why Auth0 refuses: by status and code, then by what it shows, never by its sentences."""

from http import HTTPStatus
from typing import Any

from connectors.auth0.calls import variation_of
from connectors.auth0.codes import FIELDS, blocker, code_of, forbidden
from connectors.auth0.reading import Row, shown
from connectors.auth0.tenant import Tenant, checked, path_of
from connectors.base import Task
from connectors.http import Reply
from connectors.refusals import ACTIONS, BY_STATUS, gone, illegal, not_understood, unsupported
from models.arguments import FieldError
from models.errors import InUse, NotFound, NotReady, Taken, UserError, ValidationFailed
from models.phase import Action, Platform
from models.readiness import Blocker

INVALID = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
REFUSED = FieldError(("id",), "Auth0 does not accept this.", "refused")


async def reasons(tenant: Tenant, task: Task, reply: Reply) -> tuple[UserError, ...]:
    """Every reason that can be told."""
    source, code = tenant.api.source, code_of(reply)
    if reply.status == HTTPStatus.FORBIDDEN:
        return (forbidden(source, task.verb, reply),)
    if reply.status == HTTPStatus.NOT_FOUND:
        return (await _not_found(tenant, task),)
    if reply.status == HTTPStatus.CONFLICT and task.verb != Action.ADVANCE_RAMP:
        return (await _conflict(tenant, task),)
    if reply.status in BY_STATUS:
        return (BY_STATUS[reply.status](source, reply.status),)
    if reply.status in INVALID or reply.status == HTTPStatus.CONFLICT:
        return (await _not_so(tenant, task, code),)
    return (not_understood(source, reply.status),)


async def _not_found(tenant: Tenant, task: Task) -> UserError:
    source = tenant.api.source
    if task.verb == "CREATE":
        message = "Auth0 does not have the feature flag (any more)."
        return NotFound(message=message, path=("featureFlag",))
    if task.verb in ACTIONS and await tenant.find(task.row) is not None:
        return unsupported(Platform.AUTH0, task.verb).reasons[0]
    return gone(source)


async def _conflict(tenant: Tenant, task: Task) -> UserError:
    """Another one has the name, or something stands on what was to go."""
    if task.verb == "DELETE_VARIANT":
        identity = variation_of(tenant, task).rpartition("/")[2]
        found = await tenant.find(task.row) or {}
        listed = found.get("allocations")
        mine = isinstance(listed, list) and any(
            isinstance(each, dict) and each.get("variation_id") == identity for each in listed
        )
        by = (("Experiment", task.row.id),) if mine else ()
        message = "An allocation of an experiment on Auth0 still names this variation."
        return InUse(message=message, path=("id",), by=by)
    variant = task.arguments.get("variant") or {}
    name = str(variant.get("name") or variant.get("key") or task.row.key)
    message = f"Auth0 has the name {name!r} already."
    return Taken(message=message, path=("name",), field="name", value=name)


async def _not_so(tenant: Tenant, task: Task, code: str | None) -> UserError:
    """What is wrong, or in the way."""
    if task.verb not in ACTIONS:
        return ValidationFailed.of(FIELDS.get(code or "") or await _field(tenant, task))
    found = await tenant.find(task.row)
    if found is None:
        return gone(tenant.api.source)
    wrong = illegal(task, shown(found))
    if wrong is not None:
        return wrong
    if task.verb == Action.ADVANCE_RAMP:
        return ValidationFailed.of(_level(task, found))
    return _lacks(await _blockers(tenant, task, code))


async def _field(tenant: Tenant, task: Task) -> FieldError:
    """What of a new experiment or variation is not accepted, as far as that shows."""
    if task.verb != "CREATE":
        return REFUSED
    flag = checked(task.arguments["design"]["feature_flag"], tenant.api.source)
    found = await tenant.read(f"feature-flags/{flag}") or {}
    if found.get("status") == "archived":
        return FieldError(("featureFlag",), "The feature flag is archived on Auth0.", "archived")
    return REFUSED


def _level(task: Task, found: Row) -> FieldError:
    current = found.get("current_level")
    wanted = task.arguments.get("level")
    now = "there is no ramp" if current is None else f"the ramp is at {current} now"
    message = f"The level {wanted} is not the next one on Auth0: {now}."
    return FieldError(("level",), message, "next_level")


async def _blockers(tenant: Tenant, task: Task, code: str | None) -> list[Blocker]:
    """What an activation lacks, by Auth0's own dry run of it."""
    reply = await tenant.api.send("POST", f"{path_of(task.row, tenant.api.source)}/validate")
    found: Any = reply.json() if reply.ok else {}
    errors = found.get("errors") if isinstance(found, dict) else None
    codes = [
        each.get("code")
        for each in (errors if isinstance(errors, list) else [])
        if isinstance(each, dict)
    ]
    return [blocker(each) for each in codes or [code]]


def _lacks(blockers: list[Blocker]) -> NotReady:
    message = " ".join(blocker.message for blocker in blockers)
    return NotReady(message=message, path=("id",), blockers=tuple(blockers))
