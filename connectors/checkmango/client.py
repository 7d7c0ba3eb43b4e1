"""Checkmango's connector: the teams of one user, by that user's token."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from connectors.base import Connector, Fate, Page, Task
from connectors.checkmango.answers import CHECKMANGO
from connectors.checkmango.calls import CALLS, Call, fate, missing_variants
from connectors.checkmango.designs import is_weighted, new_experiment, new_variant, wrong
from connectors.checkmango.lists import (
    INCLUDE,
    LISTS,
    is_due,
    joined,
    page,
    parsed,
    several,
    statistics,
    teams,
    variants,
    walk,
)
from connectors.checkmango.refusals import reasons_of
from connectors.checkmango.resources import (
    Place,
    Row,
    attributes,
    data_of,
    moment,
    number_of,
    place_of,
)
from connectors.errors import PlatformFailed
from connectors.http import Api, Reply
from connectors.refusals import BY_STATUS, gone, illegal, not_understood, unsupported
from models.base import Sourced, now
from models.errors import Refusal, UserError
from models.experiment import Experiment
from models.phase import Phase, Platform

PHASES = {"draft": Phase.DRAFT, "running": Phase.RUNNING, "stopped": Phase.STOPPED}
SKEW = timedelta(minutes=5)
"""How far the clocks of a platform and of this gateway may be apart."""

MEASURED_AGAIN = timedelta(hours=1)
"""How often the platform works out the statistics of what is running."""

JUDGED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})
"""Refusals whose reason is in what the platform names and shows."""


class Checkmango(Connector):
    """Checkmango. Experiments are known by their numbers, and reached by their keys."""

    platform = Platform.CHECKMANGO
    vocabulary = CHECKMANGO
    resources = tuple(LISTS)
    expired = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._measured: dict[str, datetime] = {}

    async def page(self, resource: str, cursor: str | None) -> Page:
        """A page of a list, team by team."""
        return await page(self.api, resource, cursor)

    async def complete(self, page: Page, known: Mapping[str, datetime | None]) -> Page:
        """The page with the statistics of what is new, was changed, or is measured again."""
        if not page.experiments:
            return page
        document = parsed(page.body)
        works = [
            partial(self._more, document, experiment, measured=self._is_due(experiment, known))
            for experiment in data_of(document)
        ]
        bodies = await several(works)
        return replace(page, body=joined([page.body, *bodies])) if bodies else page

    async def read(self, row: Sourced) -> bytes | None:
        """An experiment with its event, its team and its variants."""
        if not isinstance(row, Experiment):
            return None
        for team in await self._teams(row):
            found = await self._read(Place(team, row.key), row) or await self._moved(team, row)
            if found is not None:
                return found.body
        return None

    def shown(self, document: bytes) -> dict[str, Any]:
        """The lifecycle that a document shows. What is deleted is not shown at all."""
        status = str(attributes(data_of(parsed(document))[0]).get("status"))
        return {"phase": str(PHASES.get(status, Phase.DRAFT)), "deleted": False}

    async def perform(self, task: Task) -> Reply:
        """Make the calls of a verb, up to the first that is refused."""
        row = task.row
        if not isinstance(row, Experiment) or task.verb not in {"CREATE", *CALLS}:
            raise unsupported(self.platform, task.verb)
        body = await self.read(row)
        if task.verb == "CREATE":
            return await self._create(task, parsed(body) if body else None)
        if body is None:
            raise Refusal(gone(self.api.source))
        if illegal(task, self.shown(body)):  # the platform itself does not promise to refuse it
            return Reply(HTTPStatus.CONFLICT, {}, b"{}")
        document = parsed(body)
        place = place_of(data_of(document)[0])
        events = await self._events(place.team, task)
        reply = Reply(HTTPStatus.OK, {}, body)
        for call in CALLS[task.verb](task, place, document, events):
            reply = await self._send(call)
            if not reply.ok:
                break
        return reply

    async def refusal(self, task: Task, reply: Reply) -> tuple[UserError, ...]:
        """Why a change was refused."""
        source = self.api.source
        if reply.status in BY_STATUS:
            return (BY_STATUS[reply.status](source, reply.status),)
        if reply.status not in JUDGED:
            return (not_understood(source, reply.status),)
        try:
            body = await self.read(task.row)
        except PlatformFailed:
            body = None
        shown = self.shown(body) if body else None
        return reasons_of(task, reply, shown, parsed(body) if body else None)

    def traced(self, task: Task, document: bytes) -> str | None:
        """The number of a new experiment."""
        del task
        return number_of(data_of(parsed(document))[0])

    def fate(self, task: Task, document: bytes | None) -> Fate:
        """What became of a call whose answer was lost."""
        found = fate(task, parsed(document) if document else None)
        return found or super().fate(task, document)

    # --- Reading

    async def _more(self, document: Row, experiment: Row, *, measured: bool) -> list[bytes]:
        """What the page does not say of an experiment."""
        rows, bodies = await variants(self.api, document, experiment)
        if measured:
            bodies += await statistics(self.api, place_of(experiment), rows)
            self._measured[number_of(experiment)] = now()
        return bodies

    def _is_due(self, experiment: Row, known: Mapping[str, datetime | None]) -> bool:
        """Whether there may be other statistics than those that are here."""
        status = attributes(experiment).get("status")
        if status == "draft":
            return False
        last = self._measured.get(number_of(experiment))
        is_old = last is None or now() - last >= MEASURED_AGAIN
        return is_due(experiment, known) or (status == "running" and is_old)

    async def _teams(self, row: Experiment) -> tuple[str, ...]:
        """The team that an experiment is in; every one where that is not known."""
        team = (row.details or {}).get("team_id")
        return await teams(self.api) if team is None else (str(team),)

    async def _read(self, place: Place, row: Experiment) -> Reply | None:
        """The experiment that has the key, if it is the one that is meant."""
        reply = await self.api.find(place.path, {"include": INCLUDE})
        if reply is None:
            return None
        [found] = data_of(reply.json())
        return reply if is_meant(found, row) else None

    async def _moved(self, team: str, row: Experiment) -> Reply | None:
        """The experiment under the key that it was given since."""
        if row.external_id is None:
            return None
        async for each in walk(self.api, "experiments", f"teams/{team}/experiments"):
            if number_of(each) == row.external_id:
                return await self._read(place_of(each), row)
        return None

    async def _events(self, team: str, task: Task) -> list[Row]:
        """The events of a team, where a task names one."""
        if "primary_metric" not in task.arguments.get("fields", ()):
            return []
        return [each async for each in walk(self.api, "events", f"teams/{team}/events")]

    # --- Changing

    async def _send(self, call: Call) -> Reply:
        return await self.api.send(call.method, call.path, call.body)

    async def _create(self, task: Task, document: Row | None) -> Reply:
        """Make an experiment with its variants, or what of them is not there yet.

        Where a variant is refused, the experiment is taken away again.
        """
        design = task.arguments["design"]
        team, events = await self._home(task)
        place, body = Place(team, design["key"]), new_experiment(design, events)
        reply = Reply(HTTPStatus.OK, {}, b"{}")
        if document is None:
            reply = await self._send(Call("POST", f"teams/{place.team}/experiments", body))
        for variant in missing_variants(task, document) if reply.ok else ():
            body = new_variant(variant, weighted=is_weighted(design))
            reply = await self._send(Call("POST", f"{place.path}/variants", body))
            if not reply.ok:
                await self._send(Call("DELETE", place.path))
                return reply
        return reply

    async def _home(self, task: Task) -> tuple[str, list[Row]]:
        """The team of a new experiment, with its events: the one that has the event it names.

        Raises a Refusal where that cannot be told.
        """
        design = task.arguments["design"]
        said = (design["details"] or {}).get("team_id")
        found = await teams(self.api)
        named = {str(said)} if said is not None else {*design["teams"]} & {*found}
        homes: list[tuple[str, list[Row]]] = []
        for team in named or found:
            events = [each async for each in walk(self.api, "events", f"teams/{team}/events")]
            if named or any(number_of(each) == design["primary_metric"] for each in events):
                homes.append((team, events))
        if len(homes) != 1:
            raise wrong("primaryMetric", "It must be an event of one team.", "known_to_platform")
        return homes[0]


def is_meant(found: Mapping[str, Any], row: Experiment) -> bool:
    """Whether an experiment is the one of a row, or what was to be made of it."""
    if row.external_id is not None:
        return number_of(found) == row.external_id
    made_at = moment(attributes(found).get("created"))
    return row.created_at is None or made_at is None or made_at >= row.created_at - SKEW


CONNECTOR = Checkmango
