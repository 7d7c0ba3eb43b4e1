"""Those who write at the same moment: nothing is made twice, lost, or left hanging."""

import asyncio

import httpx

import models as m
from models.database import Database
from tests.making import add, id_of, rows_of, source
from tests.nouns import BY_NAME, Editor


async def test_twenty_who_make_one_name_at_once_make_one_row(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = Editor(client, BY_NAME["goal"])
    payloads = await asyncio.gather(*(editor.create(name="purchase") for _ in range(20)))
    made = [payload for payload in payloads if payload["ok"]]
    refused = [payload["errors"] for payload in payloads if not payload["ok"]]
    taken = {"__typename": "Taken", "path": ["name"], "field": "name", "value": "purchase"}

    assert len(made) == 1
    assert refused == [[taken]] * 19
    assert len(await rows_of(database, m.Goal)) == 1
    assert len(await rows_of(database, m.Source)) == 1
    assert len(await rows_of(database, m.Event)) == 1


async def test_twenty_who_change_one_version_at_once_change_it_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor = Editor(client, BY_NAME["application"])
    row = (await editor.create(name="shop"))["application"]
    payloads = await asyncio.gather(
        *(
            editor.update(id=row["id"], expectedVersion=1, description=f"writer {n}")
            for n in range(20)
        )
    )
    [won] = [payload for payload in payloads if payload["ok"]]
    lost = {payload["errors"][0]["__typename"] for payload in payloads if not payload["ok"]}

    assert lost == {"StaleVersion"}
    assert await editor.read(row["id"]) == won["application"]
    assert won["application"]["version"] == 2
    assert len(await rows_of(database, m.Event)) == 2


async def test_teams_that_are_put_below_each_other_at_once_make_no_circle(
    client: httpx.AsyncClient, database: Database
) -> None:
    ours = await source(database, m.Platform.LOCAL)
    pairs = [
        (m.Team(source_id=ours, name=f"a {n}"), m.Team(source_id=ours, name=f"b {n}"))
        for n in range(5)
    ]
    await add(database, *(team for pair in pairs for team in pair))
    editor = Editor(client, BY_NAME["team"])
    payloads = await asyncio.gather(
        *(
            editor.update(id=id_of(team), parent=id_of(other))
            for a, b in pairs
            for team, other in ((a, b), (b, a))
        )
    )
    parents = {row["id"]: row["parent_id"] for row in (await rows_of(database, m.Team)).values()}

    assert [payload["ok"] for payload in payloads].count(True) == len(pairs)
    for a, b in pairs:
        assert {parents[a.id], parents[b.id]} in ({None, a.id}, {None, b.id})


async def test_what_is_deleted_while_somebody_names_it_is_kept_or_not_found(
    client: httpx.AsyncClient, database: Database
) -> None:
    ours = await source(database, m.Platform.LOCAL)
    rows = [m.Goal(source_id=ours, name=f"goal {n}") for n in range(8)]
    await add(database, *rows)
    goals, metrics = Editor(client, BY_NAME["goal"]), Editor(client, BY_NAME["metric"])
    payloads = await asyncio.gather(
        *(
            asked
            for row in rows
            for asked in (
                goals.delete(id=id_of(row)),
                metrics.create(name=f"metric of {row.name}", goal=id_of(row)),
            )
        )
    )
    left = {row["id"] for row in (await rows_of(database, m.Goal)).values()}
    measured = {row["goal_id"] for row in (await rows_of(database, m.Metric)).values()}

    assert left == measured
    for deleted, made in zip(payloads[::2], payloads[1::2], strict=True):
        reasons = [error["__typename"] for error in (*deleted["errors"], *made["errors"])]
        assert reasons in (["InUse"], ["NotFound"])
