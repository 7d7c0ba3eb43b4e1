"""A gateway with one source that is connected to a stand-in, asked as a client asks it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col, select

import models as m
from gateway import sources
from gateway.app import create_app
from gateway.settings import Settings
from models.database import Database
from tests.acting import post
from tests.conftest import AUTHORIZED, KEY
from tests.making import ask, id_of
from tests.platforms.faults import SECRETS
from tests.platforms.standin import StandIn

SYNC = """mutation($id: ID!) { syncSource(input: { id: $id }) {
  ok
  errors { __typename code message ... on UpstreamFailed { source status retryable } }
  counts { type created updated unchanged skipped }
  source { state lastError }
} }"""

ANSWER = """fragment Answer on TransitionPayload {
  ok
  errors {
    __typename message path
    ... on InvalidTransition { action from allowed }
    ... on NotReady { blockers { code path } }
    ... on ValidationFailed { fields { path rule message } }
    ... on ApprovalRequired { changeRequest { id } }
    ... on UpstreamFailed { source status retryable }
  }
  experiment { id externalId iteration phase status nativeState archived sync { state error } }
  experimentNote { id action note }
  event { action delivery { verb state attempts errors { __typename } } }
}"""


@dataclass(frozen=True)
class Connected:
    """A gateway in front of a platform."""

    standin: StandIn
    database: Database
    client: httpx.AsyncClient
    secrets: Path
    name: str

    async def sync(self, *, ok: bool = True) -> Any:
        """Sync the source, through the graph."""
        found = await self.source()
        payload = await ask(self.client, SYNC, id=id_of(found))
        assert payload["ok"] is ok, payload["errors"]
        return payload

    async def source(self) -> m.Source:
        """The source as it stands."""
        async with self.database.read() as session:
            return (await session.scalars(select(m.Source))).one()

    async def rows(self, model: type[Any]) -> Sequence[Any]:
        """Every row of a table."""
        async with self.database.read() as session:
            return (await session.scalars(select(model).order_by(col(model.id)))).all()

    async def row(self, external_id: Any) -> m.Experiment:
        """The experiment that the platform knows by an id."""
        statement = select(m.Experiment).where(col(m.Experiment.external_id) == str(external_id))
        async with self.database.read() as session:
            return (await session.scalars(statement)).one()

    async def settled(self, external_id: Any) -> m.Experiment:
        """The same, when the platform has had its say."""
        for _ in range(200):
            row = await self.row(external_id)
            if row.sync_state is not m.SyncState.PENDING:
                return row
            await asyncio.sleep(0.05)
        raise AssertionError("it is not settled after ten seconds")

    async def act(self, mutation: str, row: m.Experiment, **given: Any) -> Any:
        """The payload of a lifecycle mutation."""
        body = await post(self.client, [(mutation, {"id": id_of(row), **given})], ANSWER)
        assert "errors" not in body, body
        return body["data"]["r0"]

    async def deliveries(self) -> list[tuple[str, str]]:
        """The verb and state of every delivery."""
        return [(each.verb, str(each.state)) for each in await self.rows(m.Delivery)]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, for at most ten seconds."""
        for _ in range(200):
            if holds():
                return
            await asyncio.sleep(0.05)
        raise AssertionError("it does not hold after ten seconds")

    async def hurry(self) -> None:
        """Let what waits for its time be tried now."""
        async with self.database.write() as session:
            await session.execute(update(m.Delivery).values(due_at=None))

    def use_token(self, token: str) -> None:
        """Put a credential where the gateway finds it."""
        self.secrets.write_text(json.dumps({self.name: {"token": token}}))

    @property
    def changes(self) -> list[tuple[str, str]]:
        """The calls that were to change something: method and path."""
        return [(call.method, call.path) for call in self.standin.calls if call.method != "GET"]

    @property
    def applied(self) -> list[str]:
        """What took effect on the platform, in order."""
        return [each.action for each in self.standin.applied]


@asynccontextmanager
async def connected(
    database: Database, standin: StandIn, platform: m.Platform, folder: Path, **settings: Any
) -> AsyncIterator[Connected]:
    """The whole gateway, with its clocks running, over a source that is not synced yet."""
    name = platform.lower()
    chosen = Settings(
        bootstrap_key=SecretStr(KEY),
        secrets_file=folder / "secrets.json",
        **{"schedule_seconds": 0.2, "sync_seconds": 0, **settings},
    )
    await sources.connect(database, name, platform, standin.url)
    app = create_app(chosen, database)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=AUTHORIZED
        ) as client,
    ):
        here = Connected(standin, database, client, folder / "secrets.json", name)
        here.use_token(standin.token)
        yield here


async def leaks(here: Connected) -> list[str]:
    """Which of the secrets in a failing platform's answers, and of ours, stand in the database."""
    wanted = (*SECRETS, here.standin.token)
    found = []
    async with here.database.read() as session:
        for table in m.Source.metadata.sorted_tables:
            text = repr((await session.execute(table.select())).all())
            found += [f"{table.name}: {secret}" for secret in wanted if secret in text]
    return found


EDITED = """{ ok errors { __typename message path
    ... on Taken { field value }
    ... on ValidationFailed { fields { path rule } } }
  event { delivery { verb state attempts } } %s }"""


async def edit(here: Connected, mutation: str, answer: str = "", **given: Any) -> Any:
    """The payload of a mutation that edits something."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {EDITED % answer} }}"
    return await ask(here.client, query, input=given)
