"""Making, changing and deleting rows, for every noun alike."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from resolvers.identity import encode
from tests.making import add, everything, key
from tests.nouns import BY_NAME, CASES, FUNNEL, QUERY, Case, Editor, filled, world, wrong

every_noun = pytest.mark.parametrize("case", CASES, ids=str)
UNCHANGED: dict[str, Any] = {"ok": True, "replayed": False, "errors": [], "event": None}


@pytest.fixture
async def ids(database: Database) -> dict[str, str]:
    return await world(database)


@every_noun
async def test_a_row_is_made_and_a_change_moves_what_it_says_and_nothing_else(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str], case: Case
) -> None:
    said, changed = filled(case.created, ids), filled(case.changed, ids)
    editor = Editor(client, case)
    made = await editor.create(**said)
    before, event = made[case.noun], made["event"]
    assert (made["ok"], made["errors"], before["version"]) == (True, [], 1)
    assert before.items() >= case.answer(said).items()
    assert await editor.read(before["id"]) == before
    assert (event["action"], event["actor"]) == ("CREATE", "the bootstrap key")
    assert (event["subjectType"], event["subjectId"]) == (case.type, before["id"])
    assert event["before"] is None
    assert event["after"].items() >= said.items()

    payload = await editor.update(id=before["id"], expectedVersion=1, **changed)
    row, event = payload[case.noun], payload["event"]
    moved = case.answer({**changed, **case.follows})
    assert (payload["ok"], payload["errors"]) == (True, [])
    assert row == {**before, **moved, "version": 2}
    assert await editor.read(row["id"]) == row
    assert (event["action"], event["subjectId"]) == ("UPDATE", row["id"])
    assert event["after"] == {**changed, **case.follows}
    assert event["before"].keys() == event["after"].keys()
    assert case.answer(event["before"]) == {name: before[name] for name in moved}

    stands = await everything(database)
    again = await editor.update(id=row["id"], **changed)
    nothing = await editor.update(id=row["id"])
    assert again == nothing == {**UNCHANGED, case.noun: row}
    assert await everything(database) == stands


@every_noun
async def test_null_clears_what_may_be_empty_and_says_nothing_when_a_row_is_made(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str], case: Case
) -> None:
    editor = Editor(client, case)
    row = (await editor.create(**filled(case.created, ids)))[case.noun]
    before = await everything(database)
    kept = {"archived", "enabled", "quorum", "allowSelfApproval", "query", "filters"} | {case.named}
    kept &= {*case.created, *case.changed}
    refused = await editor.update(id=row["id"], **dict.fromkeys(sorted(kept)))
    assert sorted(wrong(refused)) == [(name, "not_null") for name in sorted(kept)]
    assert refused[case.noun] == row
    assert await everything(database) == before

    payload = await editor.update(id=row["id"], **dict.fromkeys(case.cleared))
    empty = case.answer(dict.fromkeys(case.cleared))
    empty |= {"tags": []} if "tags" in case.cleared else {}
    assert payload["ok"] is True
    assert payload[case.noun] == {**row, **empty, "version": 2 if case.cleared else 1}

    needed = {"kind", "query", "filters", case.named}
    said = {name: value for name, value in case.created.items() if name in needed}
    said[case.named] = case.changed[case.named]
    left = {name: None for name in {**case.created, **case.changed} if name not in needed}
    other = await editor.create(**said, **left)
    assert (other["ok"], other[case.noun]["version"]) == (True, 1)
    assert other[case.noun].items() >= said.items()


@every_noun
async def test_another_version_and_a_name_that_is_taken_are_refused(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str], case: Case
) -> None:
    editor = Editor(client, case)
    said = filled(case.created, ids)
    name, other = said[case.named], case.changed[case.named]
    row = (await editor.create(**said))[case.noun]
    second = (await editor.create(**{**said, case.named: other}))[case.noun]
    before = await everything(database)
    taken = {"__typename": "Taken", "path": [case.named], "field": case.named, "value": name}
    stale = {"__typename": "StaleVersion", "path": ["expectedVersion"], "currentVersion": 1}
    refused = {"ok": False, "replayed": False, "event": None}
    number = second["id"]

    assert await editor.create(**said) == {**refused, "errors": [taken], case.noun: None}
    for payload, error in (
        (await editor.update(id=number, **{case.named: name}), taken),
        (await editor.update(id=number, expectedVersion=2, **{case.named: "x"}), stale),
        (await editor.update(id=number, expectedVersion=0), stale),
        (await editor.delete(id=number, expectedVersion=3), stale),
    ):
        assert payload == {**refused, "errors": [error], case.noun: second}
    assert await everything(database) == before
    assert (await editor.update(id=row["id"], **{case.named: name}))["ok"] is True


@every_noun
async def test_a_dry_run_checks_everything_and_writes_nothing(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str], case: Case
) -> None:
    editor = Editor(client, case)
    created, changed = case.free(ids), filled(case.changed, ids)
    untouched = await everything(database)
    tried = await editor.create(**created, dryRun=True)
    assert tried == {**UNCHANGED, case.noun: None}
    assert await everything(database) == untouched

    row = (await editor.create(**created))[case.noun]
    before = await everything(database)
    assert (await editor.create(**created, dryRun=True))["errors"][0]["__typename"] == "Taken"
    for payload in (
        await editor.update(id=row["id"], **changed, dryRun=True),
        await editor.delete(id=row["id"], dryRun=True),
    ):
        assert payload == {**UNCHANGED, case.noun: row}
    assert await everything(database) == before


@every_noun
async def test_a_row_that_is_deleted_is_gone_and_its_id_is_never_given_again(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str], case: Case
) -> None:
    said = case.free(ids)
    editor = Editor(client, case)
    row = (await editor.create(**said))[case.noun]
    payload = await editor.delete(id=row["id"], expectedVersion=1)
    event = payload["event"]

    assert (payload["ok"], payload["errors"], payload[case.noun]) == (True, [], None)
    assert (event["action"], event["subjectId"], event["after"]) == ("DELETE", row["id"], None)
    assert event["before"].items() >= said.items()
    assert await editor.read(row["id"]) is None

    before = await everything(database)
    for again in (await editor.delete(id=row["id"]), await editor.update(id=row["id"])):
        assert again["errors"] == [{"__typename": "NotFound", "path": ["id"]}]
    assert await everything(database) == before
    assert (await editor.create(**said))[case.noun]["id"] != row["id"]


@every_noun
async def test_who_may_only_read_and_ids_of_other_things_change_nothing(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str], case: Case
) -> None:
    row = (await Editor(client, case).create(**filled(case.created, ids)))[case.noun]
    reader = Editor(client, case, await key(database, "reader", f"{case.scope}:read"))
    before = await everything(database)
    forbidden = [{"__typename": "Forbidden", "path": [], "scope": f"{case.scope}:write"}]
    assert (await reader.create(**filled(case.created, ids)))["errors"] == forbidden
    assert (await reader.update(id=row["id"]))["errors"] == forbidden
    assert (await reader.delete(id=row["id"]))["errors"] == forbidden

    other = ids["goal"] if case.noun != "goal" else ids["ann"]
    name = f"delete{case.type}"
    query = f'mutation {{ {name}(input: {{id: "{other}"}}) {{ ok }} }}'
    answer = (await client.post("/graphql", json={"query": query})).json()
    assert answer["data"] == {name: None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await everything(database) == before


async def test_names_are_unique_within_their_source_and_a_tag_within_its_kind(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add(database, m.Source(name="shop", platform=m.Platform.ABSMARTLY))
    goals, tags = Editor(client, BY_NAME["goal"]), Editor(client, BY_NAME["tag"])

    assert (await goals.create(name="purchase"))["ok"] is True
    assert (await goals.create(name="purchase", source="shop"))["ok"] is True
    assert (await goals.create(name="purchase", source="shop"))["ok"] is False
    assert (await goals.create(name="Purchase"))["ok"] is True
    for kind in m.TagKind:
        assert (await tags.create(tag="new", kind=kind))["ok"] is True
    assert (await tags.create(tag="new", kind="GOAL"))["ok"] is False


async def test_a_source_that_is_not_there_is_not_found(
    client: httpx.AsyncClient, database: Database
) -> None:
    before = await everything(database)
    payload = await Editor(client, BY_NAME["goal"]).create(name="x", source="nowhere")

    assert payload["errors"] == [{"__typename": "NotFound", "path": ["source"]}]
    assert await everything(database) == before


async def test_every_reason_is_told_at_once(
    client: httpx.AsyncClient, database: Database, ids: dict[str, str]
) -> None:
    before = await everything(database)
    payload = await Editor(client, BY_NAME["goal"]).create(
        name=" ",
        description="a" * 10_001,
        owners=[ids["ann"], ids["ann"], encode("User", 999)],
        teams=[encode("Team", 999)],
        tags=[ids["metricTag"]],
    )
    invalid, *missing = payload["errors"]

    assert [(".".join(each["path"]), each["rule"]) for each in invalid["fields"]] == [
        ("name", "required"),
        ("description", "max_length"),
        ("owners", "duplicate"),
        ("tags", "kind"),
    ]
    assert missing == [
        {"__typename": "NotFound", "path": ["owners"]},
        {"__typename": "NotFound", "path": ["teams"]},
    ]
    assert await everything(database) == before


async def test_the_same_again_under_its_key_is_answered_as_the_first_time(
    client: httpx.AsyncClient, database: Database
) -> None:
    case = BY_NAME["savedMetric"]
    editor = Editor(client, case)
    said = {"name": "Pageviews", "query": QUERY, "idempotencyKey": "once"}
    first = await editor.create(**said)
    before = await everything(database)
    turned = dict(reversed(QUERY.items()))
    again = await editor.create(**{**said, "query": turned})
    other = await editor.create(**{**said, "query": FUNNEL})

    assert again == {**first, "replayed": True}
    assert other["errors"] == [{"__typename": "IdempotencyConflict", "path": ["idempotencyKey"]}]
    assert await everything(database) == before

    number = first[case.noun]["id"]
    gone = await editor.delete(id=number, idempotencyKey="gone")
    assert await editor.delete(id=number, idempotencyKey="gone") == {**gone, "replayed": True}
    assert await editor.create(**said) == {**first, "replayed": True, case.noun: None}
