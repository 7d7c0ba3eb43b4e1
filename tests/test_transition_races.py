"""Many callers at the same moment: nothing happens twice, nothing is lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

import models as m
from gateway.app import create_app
from gateway.settings import Settings
from models.database import Database
from tests.acting import act, call, make, reasons
from tests.contract import standing
from tests.making import add, id_of, key, rows_of, source_of_its_own


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database whose writers wait as long as it takes on a busy machine."""
    opened = Database(database_url, patience=60)
    yield opened
    await opened.dispose()


@pytest.fixture
async def beside(database: Database, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another gateway over the same database."""
    headers = await key(database, "beside", "admin")
    opened = Database(database_url, patience=60)
    transport = httpx.ASGITransport(create_app(Settings(), opened), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=headers
    ) as other:
        yield other
    await opened.dispose()


async def about(database: Database, model: type[Any], row: m.Experiment) -> list[dict[str, Any]]:
    """The rows about an experiment, in the order in which they were written."""
    found = (await rows_of(database, model)).items()
    return [each for _, each in sorted(found) if each["experiment_id"] == row.id]


@pytest.mark.parametrize("known", [{}, {"expectedVersion": 3}])
async def test_of_fifty_starts_at_once_one_is_made(
    client: httpx.AsyncClient, database: Database, known: dict[str, Any]
) -> None:
    row = await standing(database, "LOCAL", "DRAFT")
    payloads = await asyncio.gather(
        *(act(client, "START", row, note=f"{n}", **known) for n in range(50))
    )
    [made] = [payload for payload in payloads if payload["ok"]]
    refused = [payload for payload in payloads if not payload["ok"]]
    after = (await rows_of(database, m.Experiment))[row.id]
    [event], [note] = await about(database, m.Event, row), await about(database, m.Note, row)

    reason = "StaleVersion" if known else "InvalidTransition"
    assert [reasons(payload) for payload in refused] == [[reason]] * 49
    if known:
        assert {payload["errors"][0]["currentVersion"] for payload in refused} == {4}
    else:
        assert {payload["errors"][0]["from"] for payload in refused} == {"RUNNING"}
    assert (after["phase"], after["version"]) == (m.Phase.RUNNING, 4)
    assert event["at"] == note["created_at"] == after["started_at"] == after["updated_at"]
    assert note["note"] == made["experimentNote"]["note"]
    for payload in refused:
        assert payload["experiment"]["version"] == 4


async def test_twenty_writers_at_once_lose_no_update(
    client: httpx.AsyncClient, database: Database
) -> None:
    started = [await standing(database, "LOCAL", "DRAFT", key=f"k{n}") for n in range(20)]
    moved = await standing(database, "LOCAL", "RUNNING")

    async def back_and_forth() -> list[Any]:
        return [await act(client, "FREEZE" if n % 2 == 0 else "UNFREEZE", moved) for n in range(20)]

    *starts, moves = await asyncio.gather(
        *(act(client, "START", row) for row in started), back_and_forth()
    )
    after = await rows_of(database, m.Experiment)

    assert [payload["errors"] for payload in [*starts, *moves]] == [[]] * 40
    for row in started:
        assert (after[row.id]["phase"], after[row.id]["version"]) == (m.Phase.RUNNING, 4)
        assert len(await about(database, m.Event, row)) == 1
    assert (after[moved.id]["phase"], after[moved.id]["version"]) == (m.Phase.RUNNING, 23)
    assert [event["action"] for event in await about(database, m.Event, moved)] == [
        "FREEZE",
        "UNFREEZE",
    ] * 10
    assert len(await rows_of(database, m.Note)) == 40


async def test_whoever_reads_and_tries_again_until_it_works_adds_one_version_each_time(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "AUTH0", "RUNNING", ramp_levels=list(range(10, 31)))

    async def climb() -> int:
        """Raise the ramp by one level, from whatever level somebody else left it at."""
        for attempt in range(1000):
            now = (await rows_of(database, m.Experiment))[row.id]
            payload = await act(
                client,
                "ADVANCE_RAMP",
                row,
                level=now["ramp_current_level"] + 1,
                expectedVersion=now["version"],
            )
            if payload["ok"]:
                return attempt
            assert reasons(payload) == ["StaleVersion"]
        raise AssertionError("nobody else can be in the way as often as that")

    attempts = await asyncio.gather(*(climb() for _ in range(20)))
    after = (await rows_of(database, m.Experiment))[row.id]
    events = await about(database, m.Event, row)

    assert (after["ramp_current_level"], after["version"]) == (30, 23)
    assert [event["before"]["rampCurrentLevel"] for event in events] == list(range(10, 30))
    assert [event["after"]["rampCurrentLevel"] for event in events] == list(range(11, 31))
    assert sum(attempts) > 0


async def test_different_actions_at_once_come_one_after_the_other(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Whatever order they come in: each event begins where the one before it ended."""
    row = await standing(database, "LOCAL", "RUNNING")
    actions = ["PAUSE", "RESUME", "FREEZE", "UNFREEZE", "STOP", "RESET", "START", "DELETE"] * 4
    payloads = await asyncio.gather(
        *(act(client, action, row, reason="testing") if action == "STOP" else
          act(client, action, row) for action in actions)
    )  # fmt: skip
    after = (await rows_of(database, m.Experiment))[row.id]
    events = await about(database, m.Event, row)
    phases = [event for event in events if "phase" in event["before"]]
    made = sum(payload["ok"] for payload in payloads)

    assert len(events) == len(await about(database, m.Note, row)) == made
    assert after["version"] == 3 + made
    assert ["RUNNING", *(event["after"]["phase"] for event in phases)] == [
        *(event["before"]["phase"] for event in phases),
        after["phase"],
    ]
    assert Counter(reason for payload in payloads for reason in reasons(payload)) == {
        "InvalidTransition": 32 - made
    }


async def test_a_change_that_is_cancelled_is_made_whole_or_not_at_all(
    client: httpx.AsyncClient, database: Database
) -> None:
    for moment in range(40):
        row = await standing(database, "LOCAL", "DRAFT", key=f"k{moment}")
        task = asyncio.create_task(act(client, "START", row))
        await asyncio.sleep(moment / 2000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        after = (await rows_of(database, m.Experiment))[row.id]
        events, notes = await about(database, m.Event, row), await about(database, m.Note, row)

        assert (after["phase"], after["version"], len(events), len(notes)) in {
            (m.Phase.DRAFT, 3, 0, 0),
            (m.Phase.RUNNING, 4, 1, 1),
        }
    again = await standing(database, "LOCAL", "DRAFT")
    assert (await act(client, "START", again))["ok"] is True


async def iterations(database: Database) -> list[int]:
    return sorted(row["iteration"] for row in (await rows_of(database, m.Experiment)).values())


async def test_restarts_of_one_experiment_at_once_number_their_iterations_one_by_one(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "ABSMARTLY", "RUNNING")
    payloads = await asyncio.gather(*(act(client, "RESTART", row) for _ in range(8)))
    events = await about(database, m.Event, row)

    assert [payload["errors"] for payload in payloads] == [[]] * 8
    assert sorted(payload["experiment"]["iteration"] for payload in payloads) == list(range(2, 10))
    assert await iterations(database) == list(range(1, 10))
    assert [event["after"]["restartedAs"]["iteration"] for event in events] == list(range(2, 10))
    assert ["stoppedAt" in event["after"] for event in events] == [True] + [False] * 7


async def test_restarts_of_one_version_at_once_make_one_iteration(
    client: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "ABSMARTLY", "RUNNING")
    payloads = await asyncio.gather(
        *(act(client, "RESTART", row, expectedVersion=3) for _ in range(8))
    )

    assert sorted(reasons(payload) for payload in payloads) == [[]] + [["StaleVersion"]] * 7
    assert await iterations(database) == [1, 2]


async def test_restarts_of_several_iterations_of_a_family_at_once_are_never_equal(
    client: httpx.AsyncClient, database: Database
) -> None:
    first = await standing(database, "LOCAL", "STOPPED")
    members = [first]
    for iteration in range(2, 7):
        copied = first.model_dump(exclude={"id"}) | {"iteration": iteration}
        members.append(m.Experiment(**copied))
    await add(database, *members[1:])
    await add(database, *(
        m.Variant(experiment_id=row.id, index=index, is_control=index == 0)
        for row in members[1:] for index in range(2)
    ))  # fmt: skip
    payloads = await asyncio.gather(*(act(client, "RESTART", row) for row in members))

    assert [payload["errors"] for payload in payloads] == [[]] * 6
    assert await iterations(database) == list(range(1, 13))


async def test_what_was_asked_at_once_can_be_read_by_everybody_as_it_was_answered(
    client: httpx.AsyncClient, database: Database
) -> None:
    rows = [await standing(database, "LOCAL", "RUNNING", key=f"k{n}") for n in range(10)]
    answers = await asyncio.gather(
        *(make(client, [call("PAUSE", row), call("STOP", row)]) for row in rows)
    )
    after = await rows_of(database, m.Experiment)

    for row, (paused, stopped) in zip(rows, answers, strict=True):
        assert (paused["experiment"]["phase"], paused["experiment"]["version"]) == ("PAUSED", 4)
        assert (stopped["experiment"]["phase"], stopped["experiment"]["version"]) == ("STOPPED", 5)
        assert stopped["experiment"]["id"] == id_of(row)
        assert (after[row.id]["phase"], after[row.id]["version"]) == (m.Phase.STOPPED, 5)


async def test_two_gateways_over_one_database_start_an_experiment_once(
    client: httpx.AsyncClient, beside: httpx.AsyncClient, database: Database
) -> None:
    for round_ in range(5):
        row = await standing(database, "LOCAL", "DRAFT", key=f"k{round_}")
        payloads = await asyncio.gather(
            *(act(gateway, "START", row) for gateway in (client, beside) * 4)
        )

        assert sorted(reasons(payload) for payload in payloads) == [[]] + (
            [["InvalidTransition"]] * 7
        )
        assert len(await about(database, m.Event, row)) == 1


async def test_two_gateways_let_one_experiment_of_auth0_run(
    client: httpx.AsyncClient, beside: httpx.AsyncClient, database: Database
) -> None:
    for round_ in range(5):
        source = await source_of_its_own(database, "AUTH0", f"tenant {round_}")
        rows = [
            await standing(database, "AUTH0", "DRAFT", key=f"k{n}", source_id=source)
            for n in range(4)
        ]
        payloads = await asyncio.gather(
            *(act(gateway, "START", row) for gateway in (client, beside) for row in rows)
        )
        running = [
            row["id"]
            for row in (await rows_of(database, m.Experiment)).values()
            if row["source_id"] == source and row["phase"] is m.Phase.RUNNING
        ]

        assert len(running) == sum(payload["ok"] for payload in payloads) == 1


async def test_a_key_holds_for_its_caller_and_not_for_the_caller_of_another_gateway(
    client: httpx.AsyncClient, beside: httpx.AsyncClient, database: Database
) -> None:
    row = await standing(database, "LOCAL", "STOPPED")
    payloads = await asyncio.gather(
        *(
            act(gateway, "RESTART", row, idempotencyKey="the same")
            for gateway in (client, beside) * 3
        )
    )

    assert sorted(payload["replayed"] for payload in payloads) == [False] * 2 + [True] * 4
    assert await iterations(database) == [1, 2, 3]
