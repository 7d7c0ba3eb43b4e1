"""What Auth0 is asked to do, for each verb: one call that changes something."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from connectors.auth0 import designs
from connectors.auth0.codes import forbidden
from connectors.auth0.reading import Row
from connectors.auth0.tenant import Tenant, checked, path_of
from connectors.base import Task
from connectors.http import Reply
from connectors.refusals import BY_STATUS, gone, unsupported
from models.arguments import FieldError
from models.errors import Refusal, Taken, UserError, ValidationFailed
from models.phase import Action, Platform

Perform = Callable[[Tenant, Task], Awaitable[Reply]]

STATUSES: Mapping[str, str] = {
    Action.START: "active",
    Action.PAUSE: "paused",
    Action.RESUME: "active",
    Action.STOP: "completed",
    Action.ARCHIVE: "archived",
}
NOT_THERE = frozenset({404, 405})
"""How a generation answers that does not have a call."""

NOTHING_TO_DO = Reply(204, {}, b"")


async def move(tenant: Tenant, task: Task) -> Reply:
    """Change the status: by a call of its own, or by an edit; the other where that is not there."""
    path, body = path_of(task.row, tenant.api.source), {"status": STATUSES[task.verb]}
    ways = [("POST", f"{path}/status"), ("PATCH", path)]
    if await tenant.generation(task.row.details) == designs.NEWER:
        ways.reverse()
    for method, where in ways:
        reply = await tenant.api.send(method, where, body)
        if reply.status not in NOT_THERE:
            break
    return reply


async def climb(tenant: Tenant, task: Task) -> Reply:
    """Advance the ramp to its next level."""
    path = f"{path_of(task.row, tenant.api.source)}/advance-ramp"
    level = task.arguments.get("level")
    return await tenant.api.send(
        "POST", path, {"target_level": None if level is None else int(level)}
    )


async def delete(tenant: Tenant, task: Task) -> Reply:
    """Delete an experiment for good."""
    return await tenant.api.send("DELETE", path_of(task.row, tenant.api.source))


async def fresh(tenant: Tenant, task: Task) -> Row:
    """The experiment as Auth0 shows it now. Raises a Refusal where it is gone."""
    found = await tenant.find(task.row)
    if found is None:
        raise Refusal(gone(tenant.api.source))
    return found


async def make(tenant: Tenant, task: Task) -> Reply:
    """Make an experiment, which is born a draft; its variations before, where the flag lacks them.

    What was made of these already is found by its name when it is tried again.
    """
    design = task.arguments["design"]
    designs.require_whole(design)
    known = {each.get("name"): each for each in await variations_of(tenant, design)}
    ids: dict[int, str] = {}
    for variant in design["variants"]:
        identity = variant["external_id"]
        ids[variant["index"]] = identity or await _variation(tenant, design, variant, known)
    generation = await tenant.generation(design.get("details"))
    body = designs.made(_identified(design, ids), generation)
    return await tenant.api.send("POST", "experiments", body)


async def variations_of(tenant: Tenant, design: designs.Design) -> list[Row]:
    """The variations of the design's flag. Raises a Refusal where it names none of Auth0's."""
    flag = checked(design["feature_flag"], tenant.api.source)
    return (await tenant.variations([flag]))[flag]


async def _variation(
    tenant: Tenant, design: designs.Design, variant: Row, known: Mapping[Any, Row]
) -> str:
    """The id of the variation of a variant, which is made where there is none. Raises a Refusal."""
    body = designs.variation(variant)
    found = known.get(body["name"])
    if found is None:
        folder = f"feature-flags/{design['feature_flag']}/variations"
        reply = await tenant.api.send("POST", folder, _said(body))
        found = reply.json() if reply.ok else None
        if not isinstance(found, dict):
            raise Refusal(_unvaried(tenant, variant, reply))
    elif variant["config"] is not None and body["overrides"] != found.get("overrides"):
        raise Refusal(_taken(variant))
    return str(found["id"])


def _taken(variant: Row) -> Taken:
    name = designs.name_of(variant)
    message = f"The feature flag has another variation {name!r} already."
    return Taken(message=message, path=("name",), field="name", value=name)


def _unvaried(tenant: Tenant, variant: Row, reply: Reply) -> UserError:
    """Why a variation could not be made."""
    source = tenant.api.source
    if reply.status == HTTPStatus.FORBIDDEN:
        return forbidden(source, "CREATE_VARIANT", reply)
    if reply.status == HTTPStatus.CONFLICT:
        return _taken(variant)
    if reply.status in BY_STATUS:
        return BY_STATUS[reply.status](source, reply.status)
    message = "Auth0 does not accept this variation."
    return ValidationFailed.of(FieldError(("config",), message, "refused"))


def _identified(design: designs.Design, ids: Mapping[int, str]) -> Row:
    """The design with the ids of its variations, by the index of their variant."""
    return {
        **design,
        "variants": [{**each, "external_id": ids[each["index"]]} for each in design["variants"]],
        "allocations": [
            {**each, "variant": each["variant"] or ids.get(each["variant_index"])}
            for each in design["allocations"]
        ],
    }


async def edit(tenant: Tenant, task: Task) -> Reply:
    """Change an experiment."""
    design, names = task.arguments["design"], task.arguments["fields"]
    designs.require_possible(set(names))
    body = designs.changed(design, names, await fresh(tenant, task))
    if not body:
        return NOTHING_TO_DO
    return await tenant.api.send("PATCH", path_of(task.row, tenant.api.source), body)


# --- Variations, which belong to the flag; an experiment has those that it allocates


def variation_of(tenant: Tenant, task: Task) -> str:
    """Where the variation of the task is. Raises a Refusal where Auth0 does not have it."""
    flag = checked(task.arguments["design"]["feature_flag"], tenant.api.source)
    variant = task.arguments.get("variant") or task.arguments.get("was") or {}
    return (
        f"feature-flags/{flag}/variations/{checked(variant.get('external_id'), tenant.api.source)}"
    )


async def add_variation(tenant: Tenant, task: Task) -> Reply:
    """Let the experiment have a variation, which is made where its flag lacks it."""
    design, variant = task.arguments["design"], task.arguments["variant"]
    found = await fresh(tenant, task)
    require_room(found)
    known = {each.get("name"): each for each in await variations_of(tenant, design)}
    identity = await _variation(tenant, design, variant, known)
    body = {"allocations": designs.with_arm(design, variant, identity)}
    return await tenant.api.send("PATCH", path_of(task.row, tenant.api.source), body)


def require_room(found: Row) -> None:
    """Raises a Refusal where an experiment cannot take another variation."""
    if found.get("status") == "active":
        message = "Auth0 asks for a pause before allocations change."
        raise Refusal(ValidationFailed.of(FieldError(("id",), message, "requires_pause")))
    if found.get("allocation_strategy") == "segment":
        raise unsupported(Platform.AUTH0, "CREATE_VARIANT", "variant that no segment gets")


async def edit_variation(tenant: Tenant, task: Task) -> Reply:
    """Change a variation as far as it is not so, and its share, which is the experiment's."""
    path = variation_of(tenant, task)
    there = await tenant.read(path)
    if there is None:
        raise Refusal(gone(tenant.api.source))
    body = variation_changes(task, there)
    reply = await tenant.api.send("PATCH", path, body) if body else NOTHING_TO_DO
    if not reply.ok:
        return reply
    shares = share_changes(task, await fresh(tenant, task))
    if not shares:
        return reply
    return await tenant.api.send("PATCH", path_of(task.row, tenant.api.source), shares)


def share_changes(task: Task, found: Row) -> Row:
    """What of the shares Auth0 shows otherwise, where the task is about one."""
    variant, was = task.arguments["variant"], task.arguments.get("was") or {}
    moved = any(variant[name] != was.get(name, variant[name]) for name in ("weight", "is_control"))
    return designs.changed(task.arguments["design"], ["variants"], found) if moved else {}


def variation_changes(task: Task, found: Row) -> Row:
    """What of a variation Auth0 shows otherwise."""
    body = designs.variation(task.arguments["variant"])
    return {name: value for name, value in body.items() if value != found.get(name)}


async def delete_variation(tenant: Tenant, task: Task) -> Reply:
    """Delete a variation."""
    return await tenant.api.send("DELETE", variation_of(tenant, task))


def _said(body: Row) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


PERFORM: Mapping[str, Perform] = {
    **dict.fromkeys(STATUSES, move),
    Action.ADVANCE_RAMP: climb,
    Action.DELETE: delete,
    "CREATE": make,
    "UPDATE": edit,
    "CREATE_VARIANT": add_variation,
    "UPDATE_VARIANT": edit_variation,
    "DELETE_VARIANT": delete_variation,
}
"""What is done for each verb; Auth0 has nothing for any other."""
