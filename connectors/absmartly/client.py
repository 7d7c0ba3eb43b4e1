"""ABsmartly's connector: its Web Console API, with a personal key."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from connectors.absmartly.answers import ABSMARTLY
from connectors.absmartly.calls import FROM_WHAT_IS_THERE, RESTART, Call, again, step
from connectors.absmartly.documents import (
    experiment_of,
    fate,
    is_made_from,
    note_id,
    shown,
    successor,
)
from connectors.absmartly.inputs import Row, input_of
from connectors.absmartly.lists import (
    LISTS,
    activities,
    activity,
    good,
    joined,
    moved,
    named,
    page,
    rows_of,
    talked_about,
)
from connectors.absmartly.refusals import NAMING, reasons_of
from connectors.base import Connector, Fate, Page, Task
from connectors.errors import PlatformFailed
from connectors.http import Api, Reply
from connectors.refusals import BY_STATUS, gone, not_understood, unsupported
from models.base import Sourced
from models.errors import Refusal, UserError
from models.experiment import Experiment
from models.phase import Platform

JUDGED = frozenset(
    {HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
)
"""Refusals whose reason is in what the platform shows; ``ok: false`` comes with a 200."""


AGAIN = 10
"""Of how many experiments on a page the activity is read though they did not change."""

HEARD_AGAIN = timedelta(hours=1)
NEVER = datetime.min.replace(tzinfo=UTC)

ABOUT_NOTES = frozenset({"REPLY", "EDIT_NOTE"})


class Absmartly(Connector):
    """ABsmartly. It keeps no holdouts or saved metrics, and deletes no experiments."""

    platform = Platform.ABSMARTLY
    vocabulary = ABSMARTLY
    resources = tuple(LISTS)
    scheme = "Api-Key"

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._heard: dict[str, datetime] = {}

    async def page(self, resource: str, cursor: str | None) -> Page:
        """A page of a list."""
        return await page(self.api, resource, cursor)

    async def complete(self, page: Page, known: Mapping[str, datetime | None]) -> Page:
        """The page with the activity of experiments that are new or were changed.

        Who only says something changes nothing of an experiment: the newest of some others too.
        """
        if not page.experiments:
            return page
        changed = moved(page.body, known)
        others = self._unheard(page, set(changed))
        bodies = await activities(self.api, changed)
        bodies += await activities(self.api, others, pages=1)
        self._heard |= dict.fromkeys((*changed, *others), page.asked_at)
        return replace(page, body=joined([page.body, *bodies])) if bodies else page

    async def read(self, row: Sourced) -> bytes | None:
        """An experiment, with the newest of its activity."""
        number = await self._number(row)
        reply = await self.api.find(f"experiments/{number}") if number else None
        if reply is None:
            return None
        good(self.api, reply)
        return joined([reply.body, *await activity(self.api, str(number), pages=1)])

    def shown(self, document: bytes) -> dict[str, Any]:
        """The lifecycle that a document shows."""
        return shown(experiment_of(document))

    async def perform(self, task: Task) -> Reply:
        """Make the call of a verb."""
        call = await self._call(task)
        return await self.api.send(call.method, call.path, call.body)

    async def refusal(self, task: Task, reply: Reply) -> tuple[UserError, ...]:
        """Why a change was refused."""
        source = self.api.source
        if reply.status in BY_STATUS:
            return (BY_STATUS[reply.status](source, reply.status),)
        if reply.status not in JUDGED:
            return (not_understood(source, reply.status),)
        try:
            document = await self.read(task.row)
            is_taken = task.verb in NAMING and await self._is_taken(task)
        except PlatformFailed:
            document, is_taken = None, False
        experiment = experiment_of(document) if document else None
        return reasons_of(task, reply, experiment, is_taken=is_taken)

    def accepted(self, reply: Reply) -> bool:
        """A refusal may come as ``ok: false`` in a good answer."""
        said = json.loads(reply.body) if reply.ok and reply.body else {}
        return reply.ok and not (isinstance(said, dict) and said.get("ok") is False)

    def made(self, task: Task, reply: Reply) -> str | None:
        """The number of a new experiment, or of the iteration that a restart made."""
        said = json.loads(reply.body) if reply.body else {}
        key = {"CREATE": "experiment", RESTART: "new_experiment"}.get(task.verb, "")
        number = (said.get(key) or {}).get("id")
        if number is None and task.verb == RESTART:
            number = (said.get("experiment_note") or {}).get("new_experiment_id")
        return None if number is None else str(number)

    def traced(self, task: Task, document: bytes) -> str | None:
        """The same, by the iterations of the family."""
        if task.verb == RESTART:
            return successor(task, document)
        return str(experiment_of(document)["id"])

    def noted(self, task: Task, document: bytes) -> str | None:
        """The number of the note in the activity."""
        return note_id(task, document)

    def is_repeatable(self, verb: str) -> bool:
        """A note that is put in other words twice is in those words."""
        return verb == "EDIT_NOTE"

    def fate(self, task: Task, document: bytes | None) -> Fate:
        """What became of a call whose answer was lost."""
        return fate(task, document) or super().fate(task, document)

    # --- Inside

    async def _call(self, task: Task) -> Call:
        row = task.row
        if not isinstance(row, Experiment):
            raise unsupported(self.platform, task.verb)
        number = row.external_id or ""
        lacks_note = task.verb in ABOUT_NOTES and not (task.about or "").isdecimal()
        if lacks_note or (not number and task.verb != "CREATE"):
            raise Refusal(gone(self.api.source))
        call = step(task, number)
        if call is not None:
            return call
        if task.verb not in FROM_WHAT_IS_THERE:
            raise unsupported(self.platform, task.verb)
        reply = await self.api.find(f"experiments/{number}")
        if reply is None:
            raise Refusal(gone(self.api.source))
        return again(task, number, input_of(good(self.api, reply)["experiment"]))

    def _unheard(self, page: Page, changed: Collection[str]) -> list[str]:
        """The experiments on a page that nothing was heard of for longest, as far as it is time."""
        due = [
            number
            for number in talked_about(page.body, page.asked_at)
            if number not in changed and page.asked_at - self._last(number) >= HEARD_AGAIN
        ]
        return sorted(due, key=self._last)[:AGAIN]

    def _last(self, number: str) -> datetime:
        """When the activity of an experiment was read last, by this process."""
        return self._heard.get(number, NEVER)

    async def _number(self, row: Sourced) -> str | None:
        """The number of an experiment; of one that was to be made, by its name."""
        if not isinstance(row, Experiment):
            return None
        if row.external_id is not None:
            return row.external_id
        found = (each for each in await named(self.api, row.key) if is_made_from(each, row))
        return next((str(each["id"]) for each in found), None)

    async def _is_taken(self, task: Task) -> bool:
        """Whether an experiment of another family has the name."""
        row = task.row
        found = await named(self.api, task.arguments["design"]["key"])
        family: list[Row] = []
        if row.external_id:
            document = await self.read(row)
            family = rows_of(experiment_of(document), "iterations") if document else []
        ours = {str(row.external_id), *(str(each.get("id")) for each in family)}
        return any(str(each["id"]) not in ours for each in found)


CONNECTOR = Absmartly
