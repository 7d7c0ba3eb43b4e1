"""ABsmartly, connected: what it refuses, and what goes wrong on the way. Nothing happens twice."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

import models as m
from connectors import delivery, http
from gateway import sources
from models.database import Database
from tests.connected import Connected, connected, leaks
from tests.making import LONG_AGO
from tests.platforms.absmartly import Absmartly
from tests.platforms.faults import SECRETS
from tests.platforms.standin import Fault, Row, fill

DATES = ("development_at", "start_at", "stop_at", "full_on_at", "full_on_variant")


@pytest.fixture
def platform(absmartly: Absmartly, monkeypatch: pytest.MonkeyPatch) -> Absmartly:
    """The stand-in, and clocks that do not keep a test waiting."""
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    return absmartly


def ready(platform: Absmartly, count: int) -> None:
    """Some experiments that are all ready."""
    fill(platform, experiments=count)
    for row in platform.experiments.values():
        row.update(dict.fromkeys(DATES), state="ready", archived=False, experiment_report=None)


def running(platform: Absmartly, number: int) -> Row:
    """An experiment that somebody has started on the platform itself."""
    row = platform.experiments[number]
    row.update(state="running", start_at="2026-02-01T10:00:00.000Z")
    platform.touch(row)
    return row


async def notes_of(here: Connected, row: m.Experiment) -> int:
    """How many notes an experiment has."""
    return sum(note.experiment_id == row.id for note in await here.rows(m.Note))


# --- Refusals


async def refused(here: Connected, number: int, mutation: str, **given: Any) -> Row:
    """The one reason of a mutation that the platform refuses; nothing of it is left."""
    row = await here.row(number)
    noted = await notes_of(here, row)
    payload = await here.act(mutation, row, **given)
    assert payload["ok"] is False
    [error] = payload["errors"]
    assert payload["event"]["delivery"]["state"] == "REFUSED"
    assert payload["event"]["delivery"]["errors"] == [{"__typename": error["__typename"]}]
    assert payload["experimentNote"] is None
    after = await here.row(number)
    assert (after.sync_state, after.sync_error) == (m.SyncState.FAILED, error["message"])
    assert await notes_of(here, row) == noted
    assert await leaks(here) == []
    found: Row = error
    return found


async def test_what_others_did_meanwhile_is_told_and_shown(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    ready(platform, 4)
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        for number, platform.refusal_status in enumerate((409, 400, 422, 200), 1):
            running(platform, number)
            error = await refused(here, number, "startExperiment")
            assert (error["__typename"], error["from"]) == ("InvalidTransition", "RUNNING")
            assert error["allowed"] == ["STOP", "FULL_ON", "RESTART"]
            assert (await here.row(number)).phase is m.Phase.RUNNING
        assert platform.applied == []


async def test_every_refusal_is_typed_and_the_graph_says_what_the_platform_says(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    ready(platform, 4)
    running(platform, 2)
    platform.experiments[2]["nr_variants"] = 4
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()

        metric = platform.metrics[platform.experiments[1]["primary_metric_id"]]
        metric["lifecycle_status"] = "superseded"
        error = await refused(here, 1, "startExperiment", note="Go.")
        assert error["__typename"] == "NotReady"
        assert error["blockers"] == [{"code": "outdated_metric", "path": ["primaryMetric"]}]
        assert (await here.row(1)).phase is m.Phase.READY
        metric["lifecycle_status"] = "active"

        platform.experiments[2]["nr_variants"] = 2
        error = await refused(here, 2, "fullOnExperiment", variantIndex=3)
        message = "ABSMARTLY does not take this variantIndex."
        assert error["fields"] == [
            {"path": ["variantIndex"], "rule": "refused", "message": message}
        ]
        assert (await here.row(2)).full_on_at is None

        del platform.experiments[3]
        error = await refused(here, 3, "developExperiment")
        assert error["__typename"] == "NotFound"
        assert (await here.row(3)).phase is m.Phase.READY

        platform.may_write = False
        error = await refused(here, 4, "startExperiment")
        assert (error["__typename"], error["status"]) == ("UpstreamFailed", 403)
        platform.may_write = True
        platform.expire_token()
        error = await refused(here, 4, "startExperiment")
        assert (error["status"], error["retryable"]) == (401, False)
        assert (await here.row(4)).phase is m.Phase.READY
        platform.token += "-of-tomorrow"
        here.use_token(platform.token)
        assert (await here.act("startExperiment", await here.row(4)))["ok"] is True
        assert here.applied == ["start"]


# --- Faults


@dataclass(frozen=True)
class Expected:
    """What a fault leads to: how many calls, in how many tries."""

    calls: int
    attempts: int
    seconds: float = 0.0


ONCE, AGAIN = Expected(1, 1), Expected(2, 2)
FAULTS: dict[Fault, Expected] = {
    Fault.SLOW: Expected(1, 1, 0.5),
    Fault.CUT_AFTER: ONCE,
    Fault.TRUNCATED: ONCE,
    Fault.CUT_BEFORE: AGAIN,
    Fault.FAILING: AGAIN,
    Fault.BAD_GATEWAY: AGAIN,
    Fault.WRONG_JSON: AGAIN,
    Fault.RATE_LIMITED: Expected(2, 2, 1.0),
}
ACTIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "start": ("startExperiment", "start", {"note": "Go."}),
    "restart": ("restartExperiment", "restart", {"reason": "testing", "reshuffle": True}),
}


@pytest.mark.parametrize("action", ["start", "restart"])
async def test_whatever_goes_wrong_a_change_happens_once(
    database: Database,
    platform: Absmartly,
    tmp_path: Path,
    action: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mutation, word, given = ACTIONS[action]
    ready(platform, len(FAULTS))
    if action == "restart":
        for number in platform.experiments:
            running(platform, number)
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        for number, (fault, expected) in enumerate(FAULTS.items(), 1):
            platform.clear()
            platform.fail(fault, method="PUT", seconds=expected.seconds)
            payload = await here.act(mutation, await here.row(number), **given)
            assert payload["errors"] == [], fault
            assert payload["experiment"]["sync"] == {"state": "SYNCED", "error": None}, fault
            told = payload["event"]["delivery"]
            assert (told["state"], told["attempts"]) == ("DELIVERED", expected.attempts), fault
            path = f"/v1/experiments/{number}/{word}"
            assert here.changes == [("PUT", path)] * expected.calls, fault
            assert here.applied == [word], fault
            made = int(payload["experiment"]["externalId"])
            assert platform.experiments[made]["state"] == "running", fault
            assert made == (number if action == "start" else max(platform.experiments)), fault
            if fault is Fault.RATE_LIMITED:
                first, second = (call for call in platform.calls if call.method == "PUT")
                assert (second.moment - first.moment).total_seconds() >= expected.seconds
        said = capsys.readouterr()
        assert [secret for secret in SECRETS if secret in said.out + said.err] == []
        assert await leaks(here) == []
        notes = [note.external_id for note in await here.rows(m.Note)]
        assert sorted(notes, key=str) == sorted(map(str, platform.notes))


async def test_who_does_not_wait_that_long_is_told_that_it_is_under_way(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    ready(platform, 1)
    slow = {"delivery_seconds": 0.2}
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path, **slow) as here:
        await here.sync()
        platform.fail(Fault.SLOW, method="PUT", seconds=1.0)
        payload = await here.act("startExperiment", await here.row(1))
        assert payload["ok"] is True
        assert payload["experiment"]["sync"]["state"] == "PENDING"
        assert payload["experiment"]["phase"] == "RUNNING"
        assert (await here.settled(1)).sync_state is m.SyncState.SYNCED
        assert here.applied == ["start"]


async def test_an_answer_that_takes_too_long_is_not_waited_for_and_nothing_happens_twice(
    database: Database, platform: Absmartly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(platform, 1)
    monkeypatch.setattr(http, "TIMEOUT", httpx.Timeout(1.0))
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        platform.fail(Fault.SLOW, method="PUT", seconds=2.5)
        payload = await here.act("startExperiment", await here.row(1))
        assert payload["errors"] == []
        assert payload["event"]["delivery"]["attempts"] == 2
        await here.until(lambda: len(here.changes) == 2)
        assert here.applied == ["start"]


async def test_a_page_from_before_a_change_does_not_take_it_back(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    ready(platform, 1)
    slow = {"delivery_seconds": 0.1}
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path, **slow) as here:
        await here.sync()
        platform.fail(Fault.RATE_LIMITED, method="PUT", seconds=3600)
        await here.act("startExperiment", await here.row(1))
        await here.until(lambda: bool(here.changes))
        await here.sync()
        row = await here.row(1)
        assert (row.phase, row.sync_state) == (m.Phase.RUNNING, m.SyncState.PENDING)
        await here.hurry()
        assert (await here.settled(1)).sync_state is m.SyncState.SYNCED
        assert here.applied == ["start"]


async def test_a_platform_that_is_disconnected_is_left_alone_and_nothing_is_lost(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    ready(platform, 1)
    slow = {"delivery_seconds": 0.1}
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path, **slow) as here:
        await here.sync()
        platform.fail(Fault.RATE_LIMITED, method="PUT", seconds=3600)
        await here.act("startExperiment", await here.row(1))
        await here.until(lambda: bool(here.changes))
        await sources.disconnect(database, here.name)
        platform.clear()
        await here.hurry()
        [waiting] = await here.rows(m.Delivery)
        for _ in range(100):
            [now] = await here.rows(m.Delivery)
            if now.attempts > waiting.attempts:
                break
            await asyncio.sleep(0.05)
        assert (platform.calls, now.state) == ([], m.DeliveryState.PENDING)
        await sources.connect(database, here.name, m.Platform.ABSMARTLY, platform.url)
        await here.hurry()
        assert (await here.settled(1)).sync_state is m.SyncState.SYNCED
        assert here.applied == ["start"]


async def test_what_a_process_left_in_the_middle_is_looked_at_before_it_is_sent_again(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    ready(platform, 2)
    slow = {"delivery_seconds": 0.1}
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path, **slow) as here:
        await here.sync()
        platform.fail(Fault.RATE_LIMITED, times=2, method="PUT", seconds=3600)
        for number in (1, 2):
            await here.act("startExperiment", await here.row(number))
        await here.until(lambda: len(here.changes) == 2)
        running(platform, 1)  # as if the call had arrived, and its answer had not
        platform.clear()
        left = {"state": m.DeliveryState.SENDING, "leased_by": "who is gone", "due_at": None}
        ago = {"lease_until": LONG_AGO}
        async with database.write() as session:
            await session.execute(update(m.Delivery).values(**left, **ago))
        for number in (1, 2):
            assert (await here.settled(number)).sync_state is m.SyncState.SYNCED
        assert here.changes == [("PUT", "/v1/experiments/2/start")]
        assert await here.deliveries() == [("START", "DELIVERED")] * 2
