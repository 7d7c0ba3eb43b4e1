"""PostHog's connector: one project, as one source reaches it."""

from typing import Any

import orjson

from connectors.base import Brought, Connector, Fate, Page, Task
from connectors.http import Api, Reply
from connectors.posthog import designs, reading
from connectors.posthog.answers import POSTHOG
from connectors.posthog.calls import PERFORM, SHARED, shared_changes, version_of
from connectors.posthog.project import Project
from connectors.posthog.refusals import change_request_in, reasons, said_by
from connectors.refusals import ACTIONS, unsupported
from models.base import Sourced, now
from models.errors import UserError
from models.phase import Action, Phase, Platform

VARIANTS = frozenset({"CREATE_VARIANT", "UPDATE_VARIANT", "DELETE_VARIANT"})


class PostHog(Connector):
    """PostHog, by the Bearer token of a personal API key; its URL ends in the project's number."""

    platform = Platform.POSTHOG
    vocabulary = POSTHOG
    resources = tuple(reading.LISTINGS)
    per_minute = 480

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.project = Project(api)

    async def page(self, resource: str, cursor: str | None) -> Page:
        """A page of a list; its place is an offset."""
        asked_at, listing = now(), reading.LISTINGS[resource]
        body, rows, following = await self.project.page(listing, cursor)
        experiments = tuple(
            str(row["id"]) for row in rows if listing.of_experiments and row.get("id")
        )
        return Page(body, following, experiments, asked_at)

    async def read(self, row: Sourced) -> bytes | None:
        """The document of an experiment, a holdout or a saved metric."""
        found = await self.project.find(row)
        return None if found is None else orjson.dumps(found)

    def shown(self, document: bytes) -> dict[str, Any]:
        """What it shows of the lifecycle."""
        return reading.shown(orjson.loads(document))

    async def perform(self, task: Task) -> Reply:
        """Do it, with one call."""
        if task.verb not in PERFORM:
            raise unsupported(self.platform, task.verb)
        return await PERFORM[task.verb](self.project, task)

    async def refusal(self, task: Task, reply: Reply) -> tuple[UserError, ...]:
        """Why it was refused."""
        return await reasons(self.project, task, reply)

    def made(self, task: Task, reply: Reply) -> str | None:
        """The number of what was made."""
        number = said_by(reply).get("id") if task.verb.startswith("CREATE") else None
        return str(number) if isinstance(number, int) and task.verb not in VARIANTS else None

    def traced(self, task: Task, document: bytes) -> str | None:
        """The number of what was made, by its document."""
        return self.made(task, Reply(200, {}, document))

    def brought(self, task: Task, reply: Reply) -> Brought | None:
        """The change request that must be approved first, or that was just decided."""
        del task
        found = change_request_in(reply)
        if found is None:
            return None
        return Brought(orjson.dumps(found), str(found["id"]))

    def is_repeatable(self, verb: str) -> bool:
        """Decisions look first whether they were made."""
        return verb in {"APPROVE", "REJECT", "CANCEL"}

    def fate(self, task: Task, document: bytes | None) -> Fate:
        """What became of a call whose answer was lost."""
        if task.verb == Action.FULL_ON:
            return self._shipped(task, document)
        if task.verb in ACTIONS:
            return super().fate(task, document)
        if document is None:
            return GONE.get(task.verb.partition("_")[0], Fate.OVERTAKEN)
        if task.verb.startswith("UPDATE") or task.verb in VARIANTS:
            return self._edited(task, orjson.loads(document))
        return Fate.NOT_DONE if task.verb.startswith("DELETE") else Fate.DONE

    def _shipped(self, task: Task, document: bytes | None) -> Fate:
        """Shipping may stop in the middle, before the end: then it is done again."""
        if document is not None and self.shown(document)["phase"] != Phase.STOPPED:
            return Fate.NOT_DONE
        return super().fate(task, document)

    @staticmethod
    def _edited(task: Task, found: reading.Row) -> Fate:
        if task.verb in SHARED:
            return Fate.NOT_DONE if shared_changes(task, found) else Fate.DONE
        names = ["variants"] if task.verb in VARIANTS else task.arguments["fields"]
        if not designs.changed(task.arguments["design"], names, found):
            return Fate.DONE
        known = version_of(task).get("version", found.get("version"))
        return Fate.NOT_DONE if found.get("version") == known else Fate.OVERTAKEN


GONE = {"CREATE": Fate.NOT_DONE, "DELETE": Fate.DONE}
"""What it means that there is nothing, by the beginning of the verb."""

CONNECTOR = PostHog
