"""One question to all four platforms at once: answered from here, as they stand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlmodel import select

import models as m
from connectors.credentials import Secrets
from connectors.registry import Registry
from connectors.sync import Sync
from gateway import sources
from models.base import now
from models.database import Database
from tests.making import ask
from tests.platforms.absmartly import Absmartly
from tests.platforms.auth0 import Auth0
from tests.platforms.checkmango import Checkmango
from tests.platforms.posthog import PostHog
from tests.platforms.standin import Row, StandIn

QUERY = """query($where: ExperimentWhere) {
  experiments(first: 200, where: $where, orderBy: [{platform: ASC}, {key: DESC}]) {
    totalCount
    nodes {
      externalId key platform nativeState
      source { name }
      variants { name key weight }
      sync { state }
      details {
        __typename
        ... on AbsmartlyDetails { said: analysisType }
        ... on PosthogDetails { said: userAccessLevel }
        ... on Auth0Details { said: authenticationFlow }
        ... on CheckmangoDetails { team: teamId }
      }
    }
  }
}"""


@pytest.fixture
async def standins(
    database: Database,
    absmartly: Absmartly,
    posthog: PostHog,
    auth0: Auth0,
    checkmango: Checkmango,
) -> dict[str, StandIn]:
    """All four, each a source of the database that was synced."""
    found: dict[str, StandIn] = {
        "ABSMARTLY": absmartly,
        "POSTHOG": posthog,
        "AUTH0": auth0,
        "CHECKMANGO": checkmango,
    }
    for name, standin in found.items():
        await sources.connect(database, name.lower(), m.Platform(name), standin.url)
    tokens = {f"TRIALGRAPH_SOURCE_{name}_TOKEN": standin.token for name, standin in found.items()}
    registry = Registry(Secrets(environment=tokens))
    async with database.read() as session:
        connected = (await session.scalars(select(m.Source))).all()
    for source in connected:
        await Sync(database, registry, now).run(source)
    await registry.close()
    for standin in found.values():
        standin.clear()
    return found


@dataclass(frozen=True)
class Told:
    """What both sides say of an experiment, in one form."""

    platform: str
    key: str
    external_id: str
    native_state: str
    variants: tuple[str, ...]
    detail: str | int | None


def of_absmartly(_: Any, row: Row) -> Told:
    variants = (each["name"] for each in row["variants"])
    detail = row["analysis_type"]
    return Told("ABSMARTLY", row["name"], str(row["id"]), row["state"], names(variants), detail)


def of_posthog(here: PostHog, row: Row) -> Told:
    split = row["feature_flag"]["filters"]["multivariate"]["variants"]
    variants = names(each["key"] for each in split)
    key, state = row["feature_flag_key"], "stopped" if row["archived"] else here.status(row)
    return Told("POSTHOG", key, str(row["id"]), state, variants, row["user_access_level"])


def of_auth0(here: Auth0, row: Row) -> Told:
    flag, detail = row["feature_flag_id"], row["authentication_flow"]
    found = (each for each in here.variations.values() if each["feature_flag_id"] == flag)
    variants = names(each["name"] for each in found)
    return Told("AUTH0", row["name"], row["id"], row["status"], variants, detail)


def of_checkmango(here: Checkmango, row: Row) -> Told:
    found = (each for each in here.variants.values() if each["experiment_id"] == row["id"])
    variants = names(each["key"] for each in found)
    detail = row["team_id"]
    return Told("CHECKMANGO", row["key"], str(row["id"]), row["status"], variants, detail)


def names(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(found))


READERS: dict[str, Callable[[Any, Row], Told]] = {
    "ABSMARTLY": of_absmartly,
    "POSTHOG": of_posthog,
    "AUTH0": of_auth0,
    "CHECKMANGO": of_checkmango,
}


def held(standins: dict[str, StandIn]) -> list[Told]:
    """What the platforms hold, in the order of the question."""
    found: list[Told] = []
    for name, read in READERS.items():
        rows = standins[name].experiments.values()
        each = [read(standins[name], row) for row in rows if not row.get("deleted")]
        found += sorted(each, key=lambda told: told.key, reverse=True)
    return found


def told(node: Any) -> Told:
    """What the graph answers."""
    by_key = node["platform"] in {"POSTHOG", "CHECKMANGO"}
    variants = names(each["key" if by_key else "name"] for each in node["variants"])
    given = (node["platform"], node["key"], node["externalId"], node["nativeState"])
    details = node["details"]
    return Told(*given, variants, details.get("said", details.get("team")))


async def test_one_list_answers_what_all_platforms_hold_and_asks_none_of_them(
    client: httpx.AsyncClient, standins: dict[str, StandIn]
) -> None:
    found = await ask(client, QUERY, where={})
    wanted = held(standins)
    assert [told(node) for node in found["nodes"]] == wanted
    assert found["totalCount"] == len(wanted) > 80
    assert {node["sync"]["state"] for node in found["nodes"]} == {"SYNCED"}
    assert {node["source"]["name"].upper() for node in found["nodes"]} == set(READERS)
    assert [standin.calls for standin in standins.values()] == [[], [], [], []]


async def test_conditions_and_orders_hold_across_platforms_and_ask_none_of_them(
    client: httpx.AsyncClient, standins: dict[str, StandIn]
) -> None:
    where = {
        "nativeState": {"in": ["running", "active"]},
        "platform": {"ne": "POSTHOG"},
        "archived": {"eq": False},
    }
    found = await ask(client, QUERY, where=where)
    running = [
        each
        for each in held(standins)
        if each.native_state in {"running", "active"} and each.platform != "POSTHOG"
    ]
    assert [told(node) for node in found["nodes"]] == running
    assert {each.platform for each in running} == {"ABSMARTLY", "AUTH0", "CHECKMANGO"}
    assert [standin.calls for standin in standins.values()] == [[], [], [], []]
