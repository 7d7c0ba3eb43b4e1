"""Auth0's connector: one tenant, as one source reaches it, in both generations of its API."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from connectors.auth0 import designs, reading
from connectors.auth0.answers import AUTH0
from connectors.auth0.calls import PERFORM, share_changes, variation_changes
from connectors.auth0.refusals import reasons
from connectors.auth0.tenant import Tenant, following
from connectors.base import Connector, Fate, Page, Task
from connectors.http import Api, Reply
from connectors.payloads.looking import objects
from connectors.refusals import ACTIONS, unsupported
from models.base import Sourced, now
from models.errors import UserError
from models.phase import Action, Platform


class Auth0(Connector):
    """Auth0, by the token of a machine; its URL ends in ``/api/v2/experimentation``."""

    platform = Platform.AUTH0
    vocabulary = AUTH0
    resources = tuple(reading.LISTINGS)

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.tenant = Tenant(api)

    async def page(self, resource: str, cursor: str | None) -> Page:
        """A page of a list; its place is Auth0's checkpoint. Flags come with their variations."""
        asked_at, listing = now(), reading.LISTINGS[resource]
        body, rows, whole = await self.tenant.page(listing, cursor)
        if listing.key == "feature_flags":
            body = orjson.dumps({listing.key: await self._with_variations(rows)})
        experiments = tuple(
            identity
            for row in rows
            if listing.key == "experiments" and (identity := reading.id_of(row, "experiment"))
        )
        return Page(body, following(whole, cursor), experiments, asked_at)

    async def _with_variations(self, flags: list[reading.Row]) -> list[reading.Row]:
        known = {reading.id_of(flag, "feature_flag"): flag for flag in flags}
        variations = await self.tenant.variations(name for name in known if name)
        return [
            {**flag, "variations": variations.get(name or "", [])} for name, flag in known.items()
        ]

    async def read(self, row: Sourced) -> bytes | None:
        """The documents of an experiment: itself, and its flag with the variations."""
        found = await self.tenant.find(row)
        if found is None:
            return None
        flag = await self.tenant.flag(found.get("feature_flag_id"))
        flags = await self._with_variations([flag] if flag else [])
        return orjson.dumps({"feature_flags": flags, "experiments": [found]})

    def shown(self, document: bytes) -> dict[str, Any]:
        """What it shows of the lifecycle."""
        return reading.shown(_experiment(document))

    async def perform(self, task: Task) -> Reply:
        """Do it, with one call."""
        if task.verb not in PERFORM:
            raise unsupported(self.platform, task.verb)
        return await PERFORM[task.verb](self.tenant, task)

    async def refusal(self, task: Task, reply: Reply) -> tuple[UserError, ...]:
        """Why it was refused."""
        return await reasons(self.tenant, task, reply)

    def made(self, task: Task, reply: Reply) -> str | None:
        """The id of a new experiment."""
        if task.verb != "CREATE" or not reply.body:
            return None
        found = orjson.loads(reply.body)
        return reading.id_of(found, "experiment") if isinstance(found, dict) else None

    def traced(self, task: Task, document: bytes) -> str | None:
        """The same, by its document."""
        return reading.id_of(_experiment(document), "experiment") if task.verb == "CREATE" else None

    def variants(self, task: Task, document: bytes) -> Mapping[int, str]:
        """The ids of the variations that variants were made as, by their names."""
        arguments = task.arguments
        arms = arguments["design"]["variants"] if task.verb == "CREATE" else []
        arms = [arguments["variant"]] if task.verb == "CREATE_VARIANT" else arms
        named = {each.get("name"): each.get("id") for each in _variations(document)}
        names = {arm["index"]: arm["name"] or arm["key"] for arm in arms}
        return {index: str(named[name]) for index, name in names.items() if named.get(name)}

    def is_repeatable(self, verb: str) -> bool:
        """Deleting what is gone already is no error."""
        return verb in {Action.DELETE, "DELETE_VARIANT"}

    def fate(self, task: Task, document: bytes | None) -> Fate:
        """What became of a call whose answer was lost."""
        if task.verb in ACTIONS:
            return super().fate(_leveled(task), document)
        if document is None:
            return Fate.NOT_DONE if task.verb == "CREATE" else Fate.OVERTAKEN
        if task.verb == "CREATE":
            return Fate.DONE
        if task.verb == "UPDATE":
            design, names = task.arguments["design"], task.arguments["fields"]
            left = designs.changed(design, names, _experiment(document))
            return Fate.NOT_DONE if left else Fate.DONE
        return _varied(task, document)


def _experiment(document: bytes) -> reading.Row:
    """The experiment in a document of `read`."""
    [found] = orjson.loads(document)["experiments"]
    return dict(found)


def _leveled(task: Task) -> Task:
    """The task, whose level counts only where the ramp is climbed: where it begins is unsure."""
    if task.verb == Action.ADVANCE_RAMP:
        return task
    return replace(task, before={**task.before, "level": None}, after={**task.after, "level": None})


def _variations(document: bytes) -> list[reading.Row]:
    """The variations of the flag in a document of `read`."""
    flags = orjson.loads(document)["feature_flags"]
    return list(flags[0]["variations"]) if flags else []


def _varied(task: Task, document: bytes) -> Fate:
    """The fate of a new or changed variation."""
    variant, experiment = task.arguments["variant"], _experiment(document)
    is_new = task.verb == "CREATE_VARIANT"
    key, wanted = ("name", designs.name_of(variant)) if is_new else ("id", variant["external_id"])
    found = next((each for each in _variations(document) if each.get(key) == wanted), None)
    if found is None:
        return Fate.NOT_DONE if is_new else Fate.OVERTAKEN
    if is_new:
        named = {each.get("variation_id") for each in objects(experiment.get("allocations"))}
        return Fate.DONE if found.get("id") in named else Fate.NOT_DONE
    left = variation_changes(task, found) or share_changes(task, experiment)
    return Fate.NOT_DONE if left else Fate.DONE


CONNECTOR = Auth0
