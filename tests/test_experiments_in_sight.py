"""Keys that are bound to teams: which experiments they make and change, and what they may name."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from resolvers.identity import decode
from tests.designs import Designer, things
from tests.making import add, everything, key, rows_of
from tests.nouns import wrong


@pytest.fixture
async def boss(client: httpx.AsyncClient, database: Database) -> Designer:
    """Who may do everything."""
    editor = Designer(client, await things(database, "LOCAL"))
    [member] = [decode(editor.ids[name])[1] for name in ("ann",)]
    await add(database, m.TeamMember(team_id=decode(editor.ids["team"])[1], user_id=member))
    return editor


async def bound(boss: Designer, database: Database, *, unowned: bool = False) -> Designer:
    """Whoever edits with a key that is bound to one team."""
    headers = await key(database, "bound", "experiment:write", "team:read", "user:read")
    [number] = await rows_of(database, m.ApiKey)
    async with database.write() as session:
        row = await session.get_one(m.ApiKey, number)
        row.team_bound, row.include_unowned = True, unowned
    team = decode(boss.ids["team"])[1]
    await add(database, m.ApiKeyTeam(api_key_id=number, team_id=team))
    return Designer(boss.client, boss.ids, headers)


def not_found(*path: str) -> list[Any]:
    return [{"__typename": "NotFound", "path": [*path]}]


async def test_what_is_made_is_owned_by_a_team_of_the_key(
    boss: Designer, database: Database
) -> None:
    mine = await bound(boss, database)
    before = await everything(database)
    unowned = await mine.create(key="k", name="n")
    foreign = await mine.create(key="k", name="n", teams=["@below"])
    people = await mine.create(key="k", name="n", teams=["@team"], owners=["@ben"])

    assert wrong(unowned) == [("teams", "team_bound")]
    assert foreign["errors"][1:] == not_found("teams")
    assert people["errors"] == not_found("owners")
    assert await everything(database) == before
    made = await mine.create(key="k", name="n", teams=["@team"], owners=["@ann"])
    assert (made["ok"], made["experiment"]["owners"]) == (True, [{"id": boss.ids["ann"]}])


async def test_a_key_that_sees_what_nobody_owns_may_make_it(
    boss: Designer, database: Database
) -> None:
    mine = await bound(boss, database, unowned=True)
    made = await mine.create(key="k", name="n")

    assert (made["ok"], made["experiment"]["teams"]) == (True, [])


async def test_what_is_changed_stays_in_sight_and_other_teams_stay(
    boss: Designer, database: Database
) -> None:
    mine = await bound(boss, database)
    made = await boss.made(key="k", name="n", teams=["@below", "@team"])
    before = await everything(database)
    gone = await mine.update(id=made["id"], teams=[])
    cleared = await mine.update(id=made["id"], teams=None)

    assert wrong(gone) == wrong(cleared) == [("teams", "team_bound")]
    assert await everything(database) == before
    kept = await mine.update(id=made["id"], teams=["@team"], name="m")
    assert (kept["ok"], kept["event"]["after"]) == (True, {"name": "m"})
    whole = await boss.read(made["id"])
    assert {each["id"] for each in whole["teams"]} == {boss.ids["below"], boss.ids["team"]}


async def test_what_is_out_of_sight_is_neither_changed_nor_copied(
    boss: Designer, database: Database
) -> None:
    mine = await bound(boss, database)
    made = await boss.made(key="k", name="n", teams=["@below"], variants=[{"key": "a"}])
    variant = made["variants"][0]["id"]
    before = await everything(database)
    payloads = [
        await mine.update(id=made["id"], name="m"),
        await mine.duplicate(id=made["id"], key="c"),
        await mine.variant("create", experiment=made["id"], key="b"),
        await mine.variant("update", id=variant, key="b"),
        await mine.variant("delete", id=variant),
    ]

    assert [payload["errors"] for payload in payloads] == [
        not_found("id"),
        not_found("id"),
        not_found("experiment"),
        not_found("id"),
        not_found("id"),
    ]
    assert {payload["experiment"] for payload in payloads} == {None}
    assert (await mine.create(key="k", name="n", teams=["@team"]))["errors"][0]["field"] == "key"
    assert await everything(database) == before


async def test_a_copy_is_owned_as_its_original(boss: Designer, database: Database) -> None:
    mine = await bound(boss, database)
    made = await boss.made(key="k", name="n", teams=["@below", "@team"])
    copied = await mine.duplicate(id=made["id"], key="c")
    whole = await boss.read(copied["experiment"]["id"])

    assert copied["experiment"]["teams"] == [{"id": boss.ids["team"]}]
    assert whole["teams"] == made["teams"]
