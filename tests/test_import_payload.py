"""The import of a payload through the graph: the same rows, in one transaction, with its counts."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

import models as m
from connectors.importing import import_files
from models.database import Database
from tests.making import add, ask, everything, key, rows_of
from tests.nouns import REASON

START_RESPONSE = Path("tests/payloads/absmartly/start_response.json")
PAYLOAD = json.loads(START_RESPONSE.read_text())
IMPORT = (
    """mutation($input: ImportPayloadInput!) { importPayload(input: $input) {
  ok replayed errors { ...Reason message } source { name platform }
  counts { type created updated unchanged skipped }
  event { action actor subjectType before after } } } """
    + REASON
)


def total(payload: Any, what: str) -> int:
    return sum(count[what] for count in payload["counts"])


def without(tables: dict[str, list[Any]], *names: str) -> dict[str, list[Any]]:
    return {name: rows for name, rows in tables.items() if name not in names}


async def test_a_payload_is_imported_as_its_file_is(
    client: httpx.AsyncClient, database: Database
) -> None:
    report = await import_files(database, [START_RESPONSE], source="by hand")
    made = await ask(client, IMPORT, input={"payload": PAYLOAD, "source": "by graph"})
    kinds = ("type", "created", "updated", "unchanged", "skipped")
    counts = [dict(zip(kinds, row, strict=True)) for row in report.rows()]

    assert (made["ok"], made["replayed"], made["errors"]) == (True, False, [])
    assert made["source"] == {"name": "by graph", "platform": "ABSMARTLY"}
    assert made["counts"] == counts
    event = made["event"]
    assert (event["action"], event["actor"]) == ("IMPORT", "the bootstrap key")
    assert (event["subjectType"], event["before"]) == ("Source", None)
    assert event["after"] == {"counts": counts}
    experiments = (await rows_of(database, m.Experiment)).values()
    facts = [
        {
            name: value
            for name, value in row.items()
            if name != "id" and not name.endswith(("_id", "_at"))
        }
        for row in experiments
    ]
    assert len(facts) == 2
    assert facts[0] == facts[1]


async def test_the_same_payload_again_changes_nothing_and_a_changed_one_what_it_says(
    client: httpx.AsyncClient, database: Database
) -> None:
    first = await ask(client, IMPORT, input={"payload": PAYLOAD})
    before = await everything(database)
    again = await ask(client, IMPORT, input={"payload": PAYLOAD, "platform": "ABSMARTLY"})

    assert (
        first["source"]
        == again["source"]
        == {
            "name": "import-absmartly",
            "platform": "ABSMARTLY",
        }
    )
    assert await everything(database) == before
    assert (again["event"], total(again, "created"), total(again, "updated")) == (None, 0, 0)
    assert total(again, "unchanged") == total(first, "created")

    changed = {**PAYLOAD, "experiment": {**PAYLOAD["experiment"], "description": "Told anew."}}
    third = await ask(client, IMPORT, input={"payload": changed})
    assert (total(third, "created"), total(third, "updated")) == (0, 1)
    assert third["event"]["action"] == "IMPORT"


async def test_a_dry_run_counts_and_writes_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    before = await everything(database)
    tried = await ask(client, IMPORT, input={"payload": PAYLOAD, "dryRun": True})
    assert await everything(database) == before
    made = await ask(client, IMPORT, input={"payload": PAYLOAD})

    assert (tried["ok"], tried["source"], tried["event"]) == (True, None, None)
    assert tried["counts"] == made["counts"]


async def test_under_its_key_a_payload_is_imported_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    once = {"payload": PAYLOAD, "idempotencyKey": "once"}
    first, *more = await asyncio.gather(*(ask(client, IMPORT, input=once) for _ in range(4)))
    answers = [first, *more]
    [made] = [answer for answer in answers if not answer["replayed"]]
    before = await everything(database)

    assert [answer for answer in answers if answer["replayed"]] == [{**made, "replayed": True}] * 3
    assert len(await rows_of(database, m.Event)) == 1
    other = {**once, "payload": {**PAYLOAD, "errors": ["another"]}}
    conflict = await ask(client, IMPORT, input=other)
    assert conflict["errors"][0]["__typename"] == "IdempotencyConflict"
    assert await everything(database) == before


deep: Any = []
for _ in range(60):
    deep = [deep]

NONE = "payload: not a payload of ABsmartly, PostHog, Auth0 or Checkmango"
REFUSED: list[tuple[Any, str]] = [
    (
        {"a": 1},
        f"{NONE}: an object with the keys a",
    ),
    ("a text", f"{NONE}: 'a text'"),
    (
        [{"name": "a\0"}],
        "payload: [0].name: a NUL character or half of a surrogate pair, which no text can hold",
    ),
    (
        {"experiments": [PAYLOAD["experiment"], {"id": 2, "name": "x", "iteration": "abc"}]},
        "payload: experiments[1].iteration: expected a whole number, got 'abc'",
    ),
    ({"ok": False, "errors": ["no"]}, "payload: the platform answered with a failure: no"),
]


@pytest.mark.parametrize(("payload", "message"), REFUSED)
async def test_what_cannot_be_imported_is_told_with_its_place_and_nothing_is_written(
    client: httpx.AsyncClient, database: Database, payload: Any, message: str
) -> None:
    before = await everything(database)
    for more in ({}, {"dryRun": True}, {"idempotencyKey": "x"}):
        refused = await ask(client, IMPORT, input={"payload": payload, **more})
        [error] = refused["errors"]
        assert (refused["ok"], refused["counts"], refused["source"]) == (False, [], None)
        assert error["fields"] == [{"path": ["payload"], "rule": "payload"}]
        assert error["message"] == message
    assert await everything(database) == before


async def test_a_payload_that_is_too_deep_or_no_json_is_refused(
    client: httpx.AsyncClient, database: Database
) -> None:
    before = await everything(database)
    refused = await ask(client, IMPORT, input={"payload": deep})
    assert refused["errors"][0]["fields"] == [{"path": ["payload"], "rule": "payload"}]
    infinite = await ask(
        client, f"mutation {{ importPayload(input: {{payload: 1e999}}) {{ ok {FIELDS} }} }}"
    )
    assert infinite["errors"][0]["fields"] == [{"path": ["payload"], "rule": "payload"}]
    assert await everything(database) == before


FIELDS = "errors { ... on ValidationFailed { fields { path rule } } }"


async def test_who_may_not_import_and_what_cannot_be_read_is_refused(
    client: httpx.AsyncClient, database: Database
) -> None:
    await add(database, m.Source(name="taken", platform=m.Platform.POSTHOG))
    reader = await key(database, "reader", "source:read", "experiment:write")
    bound = await key(database, "bound", "source:write")
    async with database.write() as session:
        (await session.get_one(m.ApiKey, max(await rows_of(database, m.ApiKey)))).team_bound = True
    before = await everything(database)

    async def refusal(headers: dict[str, str] | None = None, **given: Any) -> Any:
        answer = await ask(client, IMPORT, headers, input={"payload": PAYLOAD, **given})
        [error] = answer["errors"]
        del error["message"]
        return error

    assert await refusal(reader) == {
        "__typename": "Forbidden",
        "path": [],
        "scope": "source:write",
    }
    assert await refusal(bound) == {"__typename": "Forbidden", "path": [], "scope": None}
    assert await refusal(platform="LOCAL") == {
        "__typename": "UnsupportedByPlatform",
        "path": ["platform"],
        "platform": "LOCAL",
        "lacks": None,
    }
    for platform in ("POSTHOG", "AUTH0", "CHECKMANGO"):
        assert (await refusal(platform=platform))["fields"] == [
            {"path": ["payload"], "rule": "payload"}
        ]
    for name, rule in (("taken", "platform"), ("a" * 401, "max_length"), (" ", "required")):
        assert (await refusal(source=name))["fields"] == [{"path": ["source"], "rule": rule}]
    assert await everything(database) == before
