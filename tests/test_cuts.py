"""A follower is cut off again and again while things happen, and has seen each of them once."""

import asyncio
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random, SystemRandom

import pytest
from websockets.exceptions import ConnectionClosed

import models as m
from models.database import Database
from resolvers.context import Context
from tests.following import CAUSE, PATIENCE, Gateway, serving, streaming
from tests.making import experiment

SOAK = "TRIALGRAPH_SOAK" in os.environ
CUTS = 100 if SOAK else 10
EVENTS = 1000
SEEDS = pytest.mark.parametrize(
    "seed", [1, SystemRandom().randrange(10**9)], ids=["fixed", "random"]
)
ALL = """subscription($after: String) { events(after: $after) {
  cursor event { subjectType action } } }"""


@dataclass
class Follower:
    """Somebody who keeps the last cursor, and nothing else, over whatever happens to them."""

    random: Random
    cursor: str
    seen: list[str] = field(default_factory=list)
    cuts: int = 0

    def hear(self, told: dict[str, str | dict[str, str]]) -> None:
        """Remember an event and where it stands."""
        event = told["event"]
        assert isinstance(event, dict)
        assert isinstance(told["cursor"], str)
        self.seen.append(event["action"])
        self.cursor = told["cursor"]

    async def by_socket(self, gateway: Gateway, most: int) -> None:
        """Hear some events, at the most, and be cut off: the connection is reset."""
        async with gateway.socket() as socket:
            await socket.subscribe("s", ALL, after=self.cursor)
            with suppress(TimeoutError, ConnectionClosed):
                async with asyncio.timeout(0.5):
                    for _ in range(most):
                        self.hear(await socket.data("s"))
            socket.connection.transport.abort()

    async def by_stream(self, gateway: Gateway, most: int) -> None:
        """Hear some events, at the most, by their ids, and leave in the middle."""
        headers = {"Last-Event-ID": self.cursor}
        async with streaming(gateway, ALL, headers) as stream:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await stream.event()
                    for _ in range(most):
                        event = await stream.event()
                        told = json.loads(event["data"])["data"]["events"]
                        assert told["cursor"] == event["id"]
                        self.hear(told)

    async def cut_often(self, *gateways: Gateway) -> None:
        """Come again after each cut, now here, now there."""
        for _ in range(CUTS):
            way = self.random.choice((self.by_socket, self.by_stream))
            await way(self.random.choice(gateways), self.random.randrange(2 * EVENTS // CUTS))
            self.cuts += 1

    async def hear_the_rest(self, gateway: Gateway, count: int) -> None:
        """Stay until so many events were heard in all."""
        async with gateway.socket() as socket:
            await socket.subscribe("s", ALL, after=self.cursor)
            while len(self.seen) < count:
                self.hear(await socket.data("s"))
            assert await socket.silent()


async def write(database: Database, row: m.Experiment, random: Random, names: list[str]) -> None:
    """Events, one to three in a transaction, some of which take their time to commit."""
    while names:
        async with Context(database, CAUSE).transaction() as change:
            for _ in range(random.randint(1, 3)):
                if names:
                    await change.record(row, names.pop(), None, None)
            if random.random() < 0.2:
                await asyncio.sleep(random.uniform(0, 0.02))
        await asyncio.sleep(random.uniform(0, 0.01))


@pytest.mark.large
@SEEDS
async def test_a_follower_that_is_cut_off_has_seen_each_event_once(
    database_url: str, database: Database, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  moments of cuts, and no secret
    row = await experiment(database)
    names = [str(number) for number in range(EVENTS)]
    async with serving(database_url) as one, serving(database_url) as other:
        follower = Follower(random, await one.ask("{ eventsCursor }"))
        stays = Follower(random, follower.cursor)
        staying = asyncio.create_task(stays.hear_the_rest(other, EVENTS))
        left = list(names)
        writing = [asyncio.create_task(write(database, row, random, left)) for _ in range(4)]
        await follower.cut_often(one, other)
        await asyncio.wait_for(asyncio.gather(*writing), PATIENCE * 4)
        await follower.hear_the_rest(one, EVENTS)
        await staying

    assert follower.cuts == CUTS
    assert sorted(follower.seen) == sorted(names), f"seed {seed}"
    assert follower.seen == stays.seen, f"seed {seed}"
