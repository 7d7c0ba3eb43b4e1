"""One action for many experiments: one transaction, one result for each, none lost."""

import asyncio
from typing import Any

import httpx
from sqlalchemy import func, select
from sqlmodel import col

import models as m
from models.database import Database
from resolvers.identity import encode
from tests.making import add, ask, everything, experiment, id_of, key

BATCH = """mutation($input: TransitionExperimentsInput!) { transitionExperiments(input: $input) {
  ok replayed errors { __typename message path ... on ValidationFailed { fields { path rule } } }
  results { ok replayed errors { __typename path } experiment { key phase version }
    experimentNote { note action } event { action } changeRequest { state } } } }"""

VALIDATE = """mutation($input: ValidateExperimentInput!) { validateExperiment(input: $input) {
  ok errors { __typename ... on NotReady { blockers { code path } } }
  experiment { phase readiness { valid } } event { action } } }"""


async def started(client: httpx.AsyncClient, ids: list[str], **given: Any) -> Any:
    return await ask(client, BATCH, input={"ids": ids, "action": "START", **given})


def told(answer: Any) -> list[str]:
    return [
        "ok" if result["ok"] else " ".join(error["__typename"] for error in result["errors"])
        for result in answer["results"]
    ]


async def test_each_experiment_has_a_result_in_the_order_that_was_asked(
    client: httpx.AsyncClient, database: Database
) -> None:
    ready = await experiment(database, key="ready")
    running = await experiment(database, phase=m.Phase.RUNNING, key="running")
    lacking = await experiment(database, key="lacking", percentages="1/1")
    foreign = await experiment(database, m.Platform.ABSMARTLY, m.Phase.READY, key="foreign")
    gated = await experiment(database, m.Platform.CHECKMANGO, key="GATED")
    await add(database, m.ApprovalPolicy(name="p", platform=m.Platform.CHECKMANGO))
    nobody = encode("Experiment", 10_000)
    rows = (foreign, running, lacking, gated, ready)
    answer = await started(client, [nobody, *map(id_of, rows)], note="together")

    assert answer["ok"] is False
    assert answer["errors"] == []
    assert told(answer) == [
        "NotFound",
        "ok",
        "InvalidTransition",
        "NotReady",
        "ApprovalRequired",
        "ok",
    ]
    assert answer["results"][0]["errors"][0]["path"] == ["ids", "0"]
    assert answer["results"][4]["changeRequest"] == {"state": "PENDING"}
    assert answer["results"][5] == {
        "ok": True,
        "replayed": False,
        "errors": [],
        "experiment": {"key": "ready", "phase": "RUNNING", "version": 2},
        "experimentNote": {"note": "together", "action": "START"},
        "event": {"action": "START"},
        "changeRequest": None,
    }


async def test_naming_one_twice_answers_twice(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await experiment(database)
    answer = await started(client, [id_of(row)] * 2)

    assert told(answer) == ["ok", "InvalidTransition"]


async def test_a_dry_run_answers_for_each_and_writes_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    rows = [await experiment(database, key="a"), await experiment(database, key="b")]
    before = await everything(database)
    answer = await started(client, [id_of(row) for row in rows], dryRun=True, idempotencyKey="k")

    assert told(answer) == ["ok", "ok"]
    assert [result["event"] for result in answer["results"]] == [None, None]
    assert await everything(database) == before


async def test_asked_again_under_its_key_it_replays_what_was_done_and_judges_refusals_anew(
    client: httpx.AsyncClient, database: Database
) -> None:
    done = await experiment(database, key="done")
    lacking = await experiment(database, key="lacking", percentages="1/1")
    ids = [id_of(done), id_of(lacking)]
    assert told(await started(client, ids, idempotencyKey="k")) == ["ok", "NotReady"]
    async with database.write() as session:
        (await session.get_one(m.Experiment, lacking.id)).percentages = "50/50"
    again = await started(client, ids, idempotencyKey="k")
    other = await ask(
        client, BATCH, input={"ids": ids[:1], "action": "START", "idempotencyKey": "k"}
    )

    assert told(again) == ["ok", "ok"]
    assert [result["replayed"] for result in again["results"]] == [True, False]
    assert other["errors"][0]["__typename"] == "IdempotencyConflict"
    assert other["results"] == []
    async with database.read() as session:
        starts = select(func.count()).where(col(m.Event.action) == "START")
        assert await session.scalar(starts) == 2


async def test_too_many_are_refused_and_so_is_a_malformed_id(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await experiment(database)
    before = await everything(database)
    answer = await started(client, [id_of(row)] * 201)
    body = {"query": BATCH, "variables": {"input": {"ids": [id_of(row), "?"], "action": "START"}}}
    malformed = (await client.post("/graphql", json=body)).json()

    assert answer["errors"][0]["fields"] == [{"path": ["ids"], "rule": "max_items"}]
    assert malformed["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await everything(database) == before


async def test_without_the_scope_none_is_touched(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await experiment(database)
    reader = await key(database, "reader", "experiment:write")
    before = await everything(database)
    wanted = {"ids": [id_of(row)], "action": "START"}
    answer = await ask(client, BATCH, reader, input=wanted)

    assert answer["errors"][0]["__typename"] == "Forbidden"
    assert answer["results"] == []
    assert await everything(database) == before


async def test_two_batches_in_opposite_orders_wait_for_each_other(
    client: httpx.AsyncClient, database: Database
) -> None:
    ids = [id_of(await experiment(database, key=f"key_{number}")) for number in range(8)]
    answers = await asyncio.gather(*(started(client, ids[:: (-1) ** turn]) for turn in range(6)))
    wins = [told(answer).count("ok") for answer in answers]

    assert sorted(wins) == [0, 0, 0, 0, 0, 8]


async def test_validating_says_what_is_missing_and_writes_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    sound = await experiment(database, m.Platform.AUTH0, key="sound")
    lacking = await experiment(database, m.Platform.AUTH0, key="lacking", feature_flag_id=None)
    before = await everything(database)
    fine = await ask(client, VALIDATE, input={"id": id_of(sound)})
    not_so = await ask(client, VALIDATE, input={"id": id_of(lacking)})

    assert fine == {
        "ok": True,
        "errors": [],
        "experiment": {"phase": "DRAFT", "readiness": {"valid": True}},
        "event": None,
    }
    assert not_so["ok"] is False
    assert not_so["errors"] == [
        {
            "__typename": "NotReady",
            "blockers": [{"code": "feature_flag_not_active", "path": ["featureFlag"]}],
        }
    ]
    assert await everything(database) == before
