"""Idempotency keys: the same again under the same key answers the same, and writes nothing."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

import models as m
from models.base import now
from models.database import Database
from resolvers.access import Viewer
from resolvers.change import Change
from resolvers.idempotency import forget
from tests.acting import Call, act, call, make, post, reasons, unchanged
from tests.contract import standing
from tests.making import add, everything, id_of, key, rows_of

KEY = {"idempotencyKey": "a key of mine"}
CONFLICT = {
    "__typename": "IdempotencyConflict",
    "code": "IDEMPOTENCY_CONFLICT",
    "path": ["idempotencyKey"],
}


async def records(database: Database) -> list[dict[str, Any]]:
    return list((await rows_of(database, m.IdempotencyRecord)).values())


def told(payload: Any) -> Any:
    """What a replay repeats; the experiment is shown as it stands."""
    return {name: value for name, value in payload.items() if name != "replayed"}


REPEATED = [
    ("LOCAL", "DRAFT", "MARK_READY", {}),
    ("LOCAL", "RUNNING", "STOP", {"note": "Why.", "expectedVersion": 3}),
    ("POSTHOG", "STOPPED", "FULL_ON", {"variantIndex": 0}),
    ("AUTH0", "RUNNING", "ADVANCE_RAMP", {"expectedVersion": 3}),
    ("ABSMARTLY", "RUNNING", "RESTART", {"expectedVersion": 3, "as": "DEVELOPMENT"}),
    ("CHECKMANGO", "RUNNING", "DELETE", {"expectedVersion": None}),
]


@pytest.mark.parametrize(("platform", "phase", "action", "given"), REPEATED)
async def test_the_same_again_is_answered_as_the_first_time_and_writes_nothing(
    client: httpx.AsyncClient,
    database: Database,
    platform: str,
    phase: str,
    action: str,
    given: dict[str, Any],
) -> None:
    row = await standing(database, platform, phase)
    first = await act(client, action, row, **given, **KEY)
    before = await everything(database)
    again = await make(client, [call(action, row, **given, **KEY)] * 3)

    assert await everything(database) == before
    assert (first["ok"], first["replayed"]) == (True, False)
    for payload in again:
        assert payload["replayed"] is True
        assert told(payload) == told(first)


async def test_a_replay_shows_the_experiment_as_it_stands_now(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    pause = call("PAUSE", row, expectedVersion=3, **KEY)
    [first, _, again] = await make(client, [pause, call("DELETE", row), pause])

    assert again["ok"] is True
    assert again["event"] == first["event"]
    assert again["experimentNote"] == first["experimentNote"]
    assert (first["experiment"]["status"], again["experiment"]["status"]) == ("PAUSED", "DELETED")


async def test_a_target_is_replayed_and_not_looked_for_anew(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "PAUSED")
    active: Call = ("transitionExperiment", {"id": id_of(row), "to": "ACTIVE", **KEY})
    resumed, frozen, again = await make(client, [active, call("FREEZE", row), active])

    assert resumed["event"]["action"] == "RESUME"
    assert (again["replayed"], again["event"]) == (True, resumed["event"])
    assert again["experiment"] == frozen["experiment"]


DIFFERENT: list[dict[str, Any]] = [
    {"note": "Another."},
    {"note": None},
    {"note": ""},
    {"reason": "testing"},
    {"reason": None},
    {"conclusion": "lost"},
    {"comment": "As hoped. "},
    {"expectedVersion": 3},
    {"expectedVersion": None},
]


async def test_another_input_under_the_same_key_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    other = await standing(database, "LOCAL", "RUNNING", key="other")
    await act(client, "STOP", row, **KEY)
    before = await everything(database)
    payloads = await make(client, [call("STOP", row, **given, **KEY) for given in DIFFERENT])
    elsewhere = await act(client, "STOP", other, **KEY)

    assert await everything(database) == before
    for payload in payloads:
        assert (payload["ok"], payload["replayed"]) == (False, False)
        assert payload["errors"] == [CONFLICT]
        assert payload["experiment"]["status"] == "STOPPED"
    assert elsewhere["errors"] == [CONFLICT]
    assert unchanged(elsewhere, other)


async def test_what_is_left_out_is_the_same_input_as_its_default(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "STOPPED")
    ramped = await standing(database, "LOCAL", "RUNNING")
    payloads = await make(
        client,
        [
            call("RESTART", row, **KEY),
            call("RESTART", row, reshuffle=True, **{"as": "RUNNING"}, **KEY),
            call("RESTART", row, reshuffle=False, **KEY),
            call("RESTART", row, **{"as": "DEVELOPMENT"}, **KEY),
            call("ADVANCE_RAMP", ramped, level=50, **KEY),
            call("ADVANCE_RAMP", ramped, level=50.0, **KEY),
        ],
    )

    assert [payload["replayed"] for payload in payloads] == [False, True, False, False, False, True]
    assert [payload["errors"] for payload in payloads] == [[], [], [CONFLICT], [CONFLICT], [], []]


async def test_the_key_of_another_mutation_or_of_another_caller_is_another_key(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    mine = await make(
        client, [call("PAUSE", row, **KEY), call("RESUME", row, **KEY), call("PAUSE", row, **KEY)]
    )
    client.headers.update(await key(database, "another", "admin"))
    theirs = await make(client, [call("PAUSE", row, **KEY), call("PAUSE", row, **KEY)])

    assert [(each["ok"], each["replayed"]) for each in mine] == [
        (True, False),
        (True, False),
        (True, True),
    ]
    assert [(each["ok"], each["replayed"]) for each in theirs] == [(True, False), (True, True)]
    assert theirs[0]["event"]["actor"] != mine[0]["event"]["actor"]
    assert mine[2]["event"] == mine[0]["event"]
    assert told(theirs[1]) == told(theirs[0])
    assert len(await records(database)) == 3


async def test_a_refusal_is_not_kept_and_the_same_is_judged_anew(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "DRAFT")
    before = await everything(database)
    refused = await make(
        client,
        [
            call("PAUSE", row, **KEY),
            call("PAUSE", row, expectedVersion=2, **KEY),
            call("FULL_ON", row, variantIndex=0, **KEY),
            call("PAUSE", row, note="x" * 10_001, **KEY),
        ],
    )
    assert [reasons(payload) for payload in refused] == [
        ["InvalidTransition"],
        ["StaleVersion"],
        ["InvalidTransition"],
        ["InvalidTransition"],
    ]
    assert await everything(database) == before
    assert await records(database) == []

    await act(client, "START", row)
    payload = await act(client, "PAUSE", row, **KEY)
    assert (payload["ok"], payload["replayed"]) == (True, False)


async def test_a_dry_run_neither_reads_nor_keeps_a_key(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    before = await everything(database)
    dry = await act(client, "PAUSE", row, dryRun=True, **KEY)
    assert (dry["ok"], dry["replayed"]) == (True, False)
    assert await everything(database) == before

    wet = await act(client, "PAUSE", row, **KEY)
    assert (wet["ok"], wet["replayed"]) == (True, False)

    before = await everything(database)
    again = await act(client, "PAUSE", row, dryRun=True, **KEY)
    other = await act(client, "PAUSE", row, dryRun=True, note="Another.", **KEY)
    assert [reasons(payload) for payload in (again, other)] == [["InvalidTransition"]] * 2
    assert await everything(database) == before

    replayed = await act(client, "PAUSE", row, dryRun=False, **KEY)
    assert (replayed["ok"], replayed["replayed"]) == (True, True)


async def test_the_same_at_the_same_moment_is_done_once_and_answered_to_everybody(
    client: httpx.AsyncClient, database: Database
) -> None:
    for round_ in range(4):
        row = await standing(database, "LOCAL", "STOPPED", key=f"k{round_}")
        before = len(await rows_of(database, m.Experiment))
        payloads = await asyncio.gather(*(act(client, "RESTART", row, **KEY) for _ in range(8)))

        assert sorted(payload["replayed"] for payload in payloads) == [False] + [True] * 7
        assert all(told(payload) == told(payloads[0]) for payload in payloads)
        assert payloads[0]["ok"] is True
        assert len(await rows_of(database, m.Experiment)) == before + 1
        assert [each["mutation"] for each in await records(database)] == ["restartExperiment"]
        await forget_everything(database)


async def test_of_two_inputs_under_one_key_at_the_same_moment_one_is_refused(
    client: httpx.AsyncClient, database: Database
) -> None:
    for round_ in range(4):
        row = await standing(database, "LOCAL", "STOPPED", key=f"k{round_}")
        payloads = await asyncio.gather(
            *(act(client, "RESTART", row, note=note, **KEY) for note in ("One.", "Another."))
        )

        assert sorted(reasons(payload) for payload in payloads) == [[], ["IdempotencyConflict"]]
        assert len(await rows_of(database, m.Experiment)) == 2 * (round_ + 1)
        await forget_everything(database)


async def test_what_fails_at_the_same_moment_is_judged_for_each_and_kept_for_none(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "DRAFT")
    payloads = await asyncio.gather(*(act(client, "PAUSE", row, **KEY) for _ in range(8)))

    assert [reasons(payload) for payload in payloads] == [["InvalidTransition"]] * 8
    assert await records(database) == []


EMPTY = ("required", "idempotencyKey is empty.")
WRONG = [
    ("", *EMPTY),
    (" \n ", *EMPTY),
    ("x" * 256, "max_length", "idempotencyKey is 256 characters long; 255 is the most."),
    ("a\0b", "text", "idempotencyKey holds characters that are no text."),
]


async def test_a_key_that_is_none_is_refused_before_anything_else(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "DRAFT")
    before = await everything(database)
    payloads = await make(
        client,
        [call("PAUSE", row, expectedVersion=1, idempotencyKey=wrong) for wrong, _, _ in WRONG],
    )

    assert await everything(database) == before
    for (_, rule, message), payload in zip(WRONG, payloads, strict=True):
        [error] = payload["errors"]
        assert (error["__typename"], error["path"]) == ("ValidationFailed", ["idempotencyKey"])
        assert error["fields"] == [{"path": ["idempotencyKey"], "rule": rule, "message": message}]
        assert unchanged(payload, row)


@pytest.mark.parametrize("name", ["1", "x" * 255, "𐐀" * 255, "a key with blanks", "'\"%_\\"])
async def test_any_text_of_1_to_255_characters_is_a_key(
    client: httpx.AsyncClient, database: Database, name: str
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    payloads = await make(client, [call("PAUSE", row, idempotencyKey=name)] * 2)

    assert [payload["replayed"] for payload in payloads] == [False, True]


async def test_no_key_keeps_nothing(client: httpx.AsyncClient, database: Database) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    payloads = await make(
        client, [call("PAUSE", row, idempotencyKey=None), call("PAUSE", row, idempotencyKey=None)]
    )

    assert [reasons(payload) for payload in payloads] == [[], ["InvalidTransition"]]
    assert await records(database) == []


async def test_a_malformed_id_is_refused_under_a_key_too_and_kept_by_none(
    client: httpx.AsyncClient, database: Database
) -> None:
    for _ in range(2):
        body = await post(client, [("pauseExperiment", {"id": "nothing", **KEY})])
        assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    assert await records(database) == []


async def test_a_key_is_forgotten_after_two_days_and_may_be_used_anew(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "RUNNING")
    await make(client, [call("PAUSE", row, **KEY), call("RESUME", row)])
    at = now()
    ages = {"older": timedelta(days=2, seconds=1), "younger": timedelta(days=1, hours=23)}
    await add(
        database,
        *(
            m.IdempotencyRecord(actor="a", mutation="m", key=name, fingerprint="f",
                                created_at=at - age)
            for name, age in ages.items()
        ),
    )  # fmt: skip
    await forget_until(database, at)
    assert {record["key"] for record in await records(database)} == {"a key of mine", "younger"}
    kept = await act(client, "PAUSE", row, **KEY)
    assert kept["replayed"] is True

    await forget_until(database, at + timedelta(days=2, minutes=1))
    assert await records(database) == []
    anew = await act(client, "PAUSE", row, **KEY)
    assert (anew["ok"], anew["replayed"]) == (True, False)


async def forget_everything(database: Database) -> None:
    await forget_until(database, now() + timedelta(days=9))


async def forget_until(database: Database, at: Any) -> None:
    async with database.write() as session:
        await forget(Change(session, Viewer("the scheduler", "the scheduler"), at), at)
