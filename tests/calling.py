"""A connector against a stand-in, without a gateway: verbs, and what is answered to them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from connectors.base import Connector, Fate, Task
from connectors.http import Api, Reply
from models.base import Sourced
from models.delivery import shown_by
from models.errors import Refusal, UserError
from models.experiment import Experiment
from tests.platforms.standin import StandIn


class Bearer:
    """A token that cannot be renewed."""

    def __init__(self, token: str, scheme: str = "Bearer") -> None:
        self.token = token
        self.scheme = scheme

    async def headers(self) -> Mapping[str, str]:
        """The header that carries it."""
        return {"Authorization": f"{self.scheme} {self.token}"}

    async def renew(self) -> bool:
        """There is no other."""
        return False


@dataclass(frozen=True)
class Caller:
    """A connector, and what became of the verbs that it performed."""

    connector: Connector

    def task(self, verb: str, row: Sourced, **arguments: Any) -> Task:
        """What the machinery makes of a change that leaves the lifecycle as it is."""
        shown = shown_by(row) if isinstance(row, Experiment) else {}
        return Task(verb, row, arguments, shown, shown)

    async def do(self, verb: str, row: Sourced, **arguments: Any) -> Reply:
        """The answer to a verb that the platform accepts."""
        task = self.task(verb, row, **arguments)
        reply = await self.connector.perform(task)
        assert self.connector.accepted(reply), (reply.status, reply.body)
        return reply

    async def refused(self, verb: str, row: Sourced, **arguments: Any) -> tuple[UserError, ...]:
        """Why a verb is refused, by the connector itself or by the platform."""
        task = self.task(verb, row, **arguments)
        try:
            reply = await self.connector.perform(task)
        except Refusal as refusal:
            return refusal.reasons
        assert not self.connector.accepted(reply), (reply.status, reply.body)
        return await self.connector.refusal(task, reply)

    async def fate(self, verb: str, row: Sourced, **arguments: Any) -> Fate:
        """What the platform shows of a verb now."""
        task = self.task(verb, row, **arguments)
        return self.connector.fate(task, await self.connector.read(row))


@asynccontextmanager
async def calling(kind: type[Connector], standin: StandIn) -> AsyncIterator[Caller]:
    """A connector that reaches a stand-in."""
    api = Api("source", standin.url, Bearer(standin.token, kind.scheme))
    try:
        yield Caller(kind(api))
    finally:
        await api.close()


def design(**said: Any) -> dict[str, Any]:
    """An experiment's design as `resolvers.blueprint` makes it, of two variants."""
    variants = [
        {
            "external_id": None,
            "index": index,
            "key": key,
            "name": key.title(),
            "description": None,
            "is_control": index == 0,
            "weight": 50.0,
            "config": None,
        }
        for index, key in enumerate(("control", "test"))
    ]
    lists = (
        "secondary_metrics",
        "saved_metrics",
        "applications",
        "owners",
        "teams",
        "tags",
        "tag_names",
    )
    ones = ("unit_type", "primary_metric", "holdout", "feature_flag", "minimum_detectable_effect")
    return {
        "key": "new-checkout",
        "name": "New checkout",
        "description": "What it is about.",
        "native_type": None,
        "type": "TEST",
        "percentages": "50/50",
        "percentage_of_traffic": 100.0,
        "exposure_criteria": None,
        "stats_config": None,
        "ramp_levels": None,
        "details": None,
        "allocation_strategy": None,
        "allocations": [],
        "variants": variants,
        **dict.fromkeys(ones),
        **{name: [] for name in lists},
        **said,
    }
