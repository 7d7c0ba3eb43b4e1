"""Clients that change one experiment after the other, and what must hold when they have ended."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlmodel import col, select

import models as m
from connectors.credentials import Secrets
from connectors.registry import Registry
from connectors.sync import Sync
from gateway import sources
from models.base import now
from models.database import Database
from models.delivery import DeliveryState, shown_by
from resolvers.identity import decode
from tests.acting import MUTATIONS, SOUND
from tests.killing import Door, Fleet
from tests.making import everything, id_of
from tests.platforms.standin import StandIn, fill, serve

WORDS: dict[m.Platform, dict[str, str]] = {
    m.Platform.ABSMARTLY: {
        "MARK_READY": "ready",
        "DEVELOP": "development",
        "START": "start",
        "STOP": "stop",
        "FULL_ON": "full_on",
        "ARCHIVE": "archive",
        "UNARCHIVE": "unarchive",
        "RESTART": "restart",
    },
    m.Platform.POSTHOG: {
        "START": "launch",
        "PAUSE": "pause",
        "RESUME": "resume",
        "STOP": "end",
        "FULL_ON": "ship_variant",
        "ARCHIVE": "archive",
        "UNARCHIVE": "unarchive",
        "RESET": "reset",
    },
    m.Platform.AUTH0: {
        "START": "active",
        "PAUSE": "paused",
        "RESUME": "active",
        "STOP": "completed",
        "ARCHIVE": "archived",
    },
    m.Platform.CHECKMANGO: {"START": "start", "STOP": "stop"},
}
"""What the platforms call the actions that are taken here: all that none of them ever refuses."""

MEASURED = {m.Platform.CHECKMANGO: {"experiment", "result"}}
"""Where results are read by syncs only: the tables that say so, versions included."""

CHOICES = "query($id: ID!) { experiment(id: $id) { availableTransitions { action allowed } } }"
CHANGE = """mutation($input: %sInput!) { %s(input: $input) {
  ok replayed errors { __typename message } experiment { id } event { id }
} }"""


def change_of(action: str) -> str:
    """The mutation that takes an action."""
    name = MUTATIONS[action]
    return CHANGE % (f"{name[0].upper()}{name[1:]}", name)


@asynccontextmanager
async def prepared(
    database: Database, standin: StandIn, folder: Path, latency: float = 0.0
) -> AsyncIterator[Door]:
    """A filled stand-in behind a door, connected as a source of the database and synced."""
    fill(standin)
    with serve(Door(standin, latency)) as door:
        standin.url = door.url
        platform = platform_of(standin)
        write_secrets(folder, platform, standin)
        await sources.connect(database, platform.lower(), platform, door.url)
        await sync(database, folder)
        standin.clear()
        yield door


def platform_of(standin: StandIn) -> m.Platform:
    """The platform that a stand-in is."""
    return m.Platform(type(standin).__name__.upper())


def write_secrets(folder: Path, platform: m.Platform, standin: StandIn) -> None:
    """Put the credential where gateways look for it."""
    said = json.dumps({platform.lower(): {"token": standin.token}})
    (folder / "secrets.json").write_text(said)


async def sync(database: Database, folder: Path) -> None:
    """Read everything that the platform has."""
    async with database.read() as session:
        source = (await session.scalars(select(m.Source))).one()
    registry = Registry(Secrets(folder / "secrets.json"))
    await Sync(database, registry, now).run(source)
    await registry.close()


@dataclass
class Client:
    """Somebody who takes one legal action after the other, and remembers what was done."""

    fleet: Fleet
    name: str
    experiment: str
    platform: m.Platform
    random: Random
    done: list[tuple[int, str]] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)

    async def run(self, stopping: asyncio.Event) -> None:
        """Go on until told to stop."""
        turn = 0
        while not stopping.is_set():
            turn += 1
            await self.step(f"{self.name} {turn}")

    async def step(self, key: str) -> None:
        """Take an action, whatever it takes until there is an answer."""
        choices = await self.fleet.ask(CHOICES, id=self.experiment)
        words = WORDS[self.platform]
        legal = [
            each["action"]
            for each in choices["availableTransitions"]
            if each["allowed"] and each["action"] in words
        ]
        if legal:
            await self.take(self.random.choice(legal), key)
        else:
            await asyncio.sleep(0.1)

    async def take(self, action: str, key: str) -> None:
        """Take one action, once, and ask until there is an answer."""
        given = {"id": self.experiment, "idempotencyKey": key, **SOUND.get(action, {})}
        payload = await self.fleet.ask(change_of(action), input=given)
        if payload["errors"]:
            # Another client may have come first, where a platform runs one at a time.
            self.refused += [(action, payload)] if payload["event"] else []
            return
        self.done.append((decode(self.experiment)[1], action))
        self.experiment = payload["experiment"]["id"]


async def applied_once(fleet: Fleet, clients: list[Client]) -> None:
    """Whether the platform saw each change once and in order, and there is one event of each."""
    settled = await fleet.settled()
    wrong = [
        (each.verb, each.attempts, each.before, each.after, each.reason)
        for each in settled
        if each.state is not DeliveryState.DELIVERED
    ]
    assert not wrong, wrong
    refused = [each for client in clients for each in client.refused]
    assert not refused, refused
    there = fleet.door.standin.experiments
    rows = {row.id: row for row in await rows_of(fleet.database, m.Experiment)}
    # Checkmango writes down keys.
    ids = {row["key"]: str(number) for number, row in there.items() if "key" in row}
    applied: dict[str, list[str]] = {}
    for each in fleet.door.standin.applied:
        applied.setdefault(ids.get(each.experiment, str(each.experiment)), []).append(each.action)
    wanted: dict[str, list[str]] = {}
    for client in clients:
        for number, action in client.done:
            words = wanted.setdefault(rows[number].external_id or "", [])
            words.append(WORDS[client.platform][action])
    assert applied == wanted, (applied, wanted)
    assert len(settled) == sum(len(words) for words in wanted.values())


async def agree(fleet: Fleet) -> None:
    """Whether the graph shows what the platform shows, and a sync finds nothing to add."""
    [source] = await rows_of(fleet.database, m.Source)
    registry = Registry(Secrets(fleet.folder / "secrets.json"))
    connector = registry.open(source)
    for row in await rows_of(fleet.database, m.Experiment):
        assert row.sync_state is m.SyncState.SYNCED, (row.external_id, row.sync_error)
        document = await connector.read(row)
        assert document is not None, row.external_id
        shown = connector.shown(document)
        ours = shown_by(row)
        assert {name: ours[name] for name in shown} == shown, row.external_id
    await registry.close()
    before = await everything(fleet.database)
    await sync(fleet.database, fleet.folder)
    after = await everything(fleet.database)
    other = {
        name: sorted({*map(repr, found)} ^ {*map(repr, before[name])})
        for name, found in after.items()
        if found != before[name] and name not in {"source", *MEASURED.get(source.platform, ())}
    }
    assert not other, other


async def rows_of(database: Database, model: type[Any]) -> list[Any]:
    """Every row of a table."""
    async with database.read() as session:
        return list(await session.scalars(select(model).order_by(col(model.id))))


async def standing_in(database: Database, native: str, count: int) -> list[str]:
    """The ids of experiments in a state of their platform."""
    rows = await rows_of(database, m.Experiment)
    fit = [id_of(row) for row in rows if row.native_state == native and not row.archived]
    assert len(fit) >= count, f"only {len(fit)} are {native}"
    return fit[:count]
