"""Gateways that are killed in the middle of changes: nothing is done twice, and nothing is lost.

The real command is ended with SIGKILL at every point of a write-through, and at random moments of
a stream of changes, while the platform and those who ask live on.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from models.database import Database
from models.delivery import DeliveryState
from tests.following import until
from tests.killing import PATIENCE, Fleet, Gateway, Point
from tests.platforms.absmartly import Absmartly
from tests.platforms.auth0 import Auth0
from tests.platforms.checkmango import Checkmango
from tests.platforms.posthog import PostHog
from tests.platforms.standin import StandIn
from tests.streams import Client, agree, applied_once, platform_of, prepared, standing_in

MORE = 10 if "TRIALGRAPH_SOAK" in os.environ else 1
LATENCY = 0.02


@asynccontextmanager
async def before(
    standin: StandIn, database: Database, url: str, folder: Path, latency: float = 0.0
) -> AsyncIterator[Fleet]:
    """Gateways before a platform whose experiments are in the database; none runs yet."""
    async with (
        prepared(database, standin, folder, latency) as door,
        Fleet(folder, database, door, url) as fleet,
    ):
        yield fleet


async def clients_of(fleet: Fleet, state: str, count: int) -> list[Client]:
    """Clients with an experiment each."""
    platform = platform_of(fleet.door.standin)
    found = await standing_in(fleet.database, state, count)
    return [
        Client(fleet, f"client {place}", number, platform, Random(place))  # noqa: S311  no secret
        for place, number in enumerate(found)
    ]


# --- At every point


@dataclass(frozen=True)
class Case:
    """A point of a write-through at which a gateway is killed, and what it leaves there.

    ``point`` is where it is killed at the platform's door; without one it comes to a halt by
    itself, for want of a credential or by its settings.
    """

    name: str
    action: str
    state: DeliveryState = DeliveryState.SENDING
    applied: bool = False
    point: Mapping[str, Any] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


LATER = {"delivery_seconds": "0", "schedule_seconds": "3600"}
CASES = (
    Case("leased and not sent", "DEVELOP"),
    Case("not leased", "START", DeliveryState.PENDING, settings=LATER),
    Case("sent and lost", "FULL_ON", point={"lost": True}),
    Case("sent, and done afterwards", "RESTART", applied=True, point={}),
    Case("done and not answered", "RESTART", applied=True, point={"before": False}),
    Case("answered and not settled", "STOP", applied=True, point={"method": "GET", "after": "PUT"}),
)


async def test_a_gateway_that_is_killed_at_any_point_leaves_what_another_one_ends(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with before(Absmartly(), database, database_url, tmp_path) as fleet:
        [client] = await clients_of(fleet, "ready", 1)
        withhold(tmp_path)
        gateway = await fleet.start()
        for place, case in enumerate(CASES):
            asking = asyncio.create_task(client.take(case.action, case.name))
            await death_of(gateway, case, fleet, place)
            give(tmp_path)
            applied = len(fleet.door.standin.applied) - place
            gateway = await fleet.start(**CASES[(place + 1) % len(CASES)].settings)
            await asking
            await applied_once(fleet, [client])
            assert applied == case.applied, case.name
        await agree(fleet)


def withhold(folder: Path) -> None:
    """Let whoever reads the credentials wait for them."""
    (folder / "secrets.json").rename(folder / "kept.json")
    os.mkfifo(folder / "secrets.json")


def give(folder: Path) -> None:
    """Put the credentials there (again)."""
    if (folder / "kept.json").exists():
        (folder / "kept.json").rename(folder / "secrets.json")


async def death_of(gateway: Gateway, case: Case, fleet: Fleet, place: int) -> None:
    """Kill a gateway at the case's point, where its delivery is that of the place."""
    if case.point is not None:
        fleet.door.point = Point(gateway.kill, **case.point)
        await until(lambda: gateway.process.returncode is not None, PATIENCE)
    for _ in range(int(PATIENCE / 0.02)):
        left = [each.state for each in (await fleet.deliveries())[place:]]
        if left == [case.state]:
            break
        await asyncio.sleep(0.02)
    assert left == [case.state], case.name
    await fleet.kill(gateway)


# --- At random moments


async def killed_at_random(
    fleet: Fleet, clients: list[Client], *, gateways: int, kills: int
) -> None:
    """Let the clients change things while gateways die and others take their place."""
    random, stopping = Random(kills), asyncio.Event()  # noqa: S311  no secret
    for _ in range(gateways):
        await fleet.ready(await fleet.start())
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(client.run(stopping))
        for _ in range(kills):
            await asyncio.sleep(random.uniform(0.05, 0.6))
            await fleet.kill(random.choice(fleet.running))
            await fleet.ready(await fleet.start())
        await asyncio.sleep(0.5)
        stopping.set()
    await applied_once(fleet, clients)
    await agree(fleet)


@dataclass(frozen=True)
class Stream:
    """Clients with an experiment each in a state of a platform, and how often a gateway dies."""

    kind: Callable[[], StandIn]
    state: str
    kills: int
    gateways: int = 1
    clients: int = 6


@pytest.mark.large
@pytest.mark.parametrize(
    ("database_url", "stream"),
    [
        ("sqlite", Stream(Absmartly, "running", 3)),
        ("postgresql", Stream(Absmartly, "running", 3, gateways=2)),
        ("postgresql", Stream(PostHog, "running", 2)),
        ("sqlite", Stream(partial(Auth0, generation=2), "draft", 1)),
        ("postgresql", Stream(Checkmango, "draft", 1, clients=4)),
    ],
    indirect=["database_url"],
)
async def test_gateways_that_are_killed_at_random_do_everything_once(
    database: Database, database_url: str, tmp_path: Path, stream: Stream
) -> None:
    async with before(stream.kind(), database, database_url, tmp_path, LATENCY) as fleet:
        clients = await clients_of(fleet, stream.state, stream.clients)
        await killed_at_random(fleet, clients, gateways=stream.gateways, kills=stream.kills * MORE)
