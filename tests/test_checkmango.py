"""Checkmango, connected: what a sync brings, what mutations do there, what goes wrong."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.responses import Response
from starlette.types import Scope

import models as m
from connectors import delivery, http
from models.database import Database
from tests.connected import Connected, connected, leaks
from tests.making import ask, everything, id_of
from tests.platforms.checkmango import Checkmango
from tests.platforms.faults import SECRETS
from tests.platforms.standin import Answer, Fault, Row, fill

EXPERIMENTS = 12
"""Of all statuses; one of them is in the second team."""


@pytest.fixture
def platform(checkmango: Checkmango, monkeypatch: pytest.MonkeyPatch) -> Checkmango:
    """The stand-in, and clocks that do not keep a test waiting."""
    fill(checkmango, experiments=EXPERIMENTS)
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    monkeypatch.setattr(http, "ATTEMPTS", 2)
    return checkmango


def drafts(platform: Checkmango) -> list[int]:
    """Every experiment as if nobody had started it, by number."""
    for row in platform.experiments.values():
        row.update(status="draft", started=None, stopped=None)
    return sorted(platform.experiments)


async def in_step(here: Connected, number: int) -> None:
    """Whether the graph says of an experiment what the platform says."""
    row, there = await here.row(number), here.standin.experiments[number]
    assert (row.native_state, row.sync_state) == (there["status"], m.SyncState.SYNCED)
    for ours, theirs in {"started_at": "started", "stopped_at": "stopped"}.items():
        at = getattr(row, ours)
        assert (at and f"{at:%F %T}") == there[theirs]


def asked(here: Connected, part: str) -> list[str]:
    """The paths that hold a part, of calls that read."""
    return [call.path for call in here.standin.calls if part in call.path]


# --- Sync


@pytest.mark.parametrize("shapes", [2024, 2021])
async def test_a_sync_brings_everything_and_a_second_one_changes_nothing(
    database: Database, platform: Checkmango, tmp_path: Path, shapes: int
) -> None:
    platform.shapes = shapes
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        experiments = await here.rows(m.Experiment)
        assert sorted(row.external_id for row in experiments) == sorted(
            map(str, platform.experiments)
        )
        variants = [(row.experiment_id, row.key) for row in await here.rows(m.Variant)]
        assert len(set(variants)) == len(variants) == len(platform.variants)
        assert len(await here.rows(m.Goal)) == len(platform.events)
        begun = {n for n, row in platform.experiments.items() if row["status"] != "draft"}
        measured = [row for row in platform.variants.values() if row["experiment_id"] in begun]
        assert len(await here.rows(m.Result)) == len(measured)
        for number in platform.experiments:
            if shapes == 2024:
                await in_step(here, number)
        before = await everything(database)

        platform.clear()
        await here.sync()
        after = await everything(database)
        assert {name for name, rows in after.items() if rows != before[name]} == {"source"}
        assert asked(here, "statistics") == []


async def test_pages_go_on_from_team_to_team(
    database: Database, platform: Checkmango, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.checkmango.lists.PER_PAGE", 4)
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        assert len(await here.rows(m.Experiment)) == EXPERIMENTS
        assert len(asked(here, "/experiments?")) == 4


async def test_variants_that_a_page_includes_only_once_for_all_are_asked_for(
    database: Database, platform: Checkmango, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = platform._answer  # noqa: SLF001  what goes out is changed, as JSON:API libraries do

    async def once_for_each_key(scope: Scope, body: bytes) -> Response:
        found = await answer(scope, body)
        document = orjson.loads(found.body)
        named = {(each["type"], each["id"]): each for each in document.get("included", ())}
        document |= {"included": list(named.values())} if named else {}
        return Answer(document, found.status_code)

    monkeypatch.setattr(platform, "_answer", once_for_each_key)
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        ids = [row.external_id for row in await here.rows(m.Variant)]
        assert sorted(ids) == sorted(map(str, platform.variants))
        assert len(asked(here, "/variants?")) >= EXPERIMENTS - 3


async def test_what_disappears_is_marked_and_what_moved_is_measured_again(
    database: Database, platform: Checkmango, tmp_path: Path
) -> None:
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        gone, moved = platform.one("draft"), platform.one("stopped")
        del platform.experiments[gone["id"]]
        moved.update(key="ANOTHER_KEY", updated="2026-08-01 10:00:00")
        platform.clear()
        await here.sync()
        assert (await here.row(gone["id"])).sync_state is m.SyncState.MISSING
        assert (await here.row(moved["id"])).key == "ANOTHER_KEY"
        assert {path.split("/")[5] for path in asked(here, "statistics")} == {"ANOTHER_KEY"}
        states = [row.sync_state for row in await here.rows(m.Experiment)]
        assert states.count(m.SyncState.SYNCED) == EXPERIMENTS - 1


async def test_a_sync_that_failed_goes_on_from_where_it_was(
    database: Database, platform: Checkmango, tmp_path: Path
) -> None:
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        platform.fail(Fault.BAD_GATEWAY, times=http.ATTEMPTS, path="teams/2/experiments")
        [error] = (await here.sync(ok=False))["errors"]
        assert (error["__typename"], error["status"]) == ("UpstreamFailed", 502)
        assert 0 < len(await here.rows(m.Experiment)) < EXPERIMENTS
        platform.clear()
        done = await here.sync()
        assert asked(here, "teams/1/") == []
        assert len(await here.rows(m.Experiment)) == EXPERIMENTS
        assert done["source"] == {"state": "CONNECTED", "lastError": None}


async def test_a_list_that_comes_broken_once_is_asked_for_again(
    database: Database, platform: Checkmango, tmp_path: Path
) -> None:
    fill(platform, experiments=1)
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        platform.fail(Fault.WRONG_JSON, path="/teams?")
        platform.fail(Fault.TRUNCATED, path="teams/1/events?")
        platform.fail(Fault.RATE_LIMITED, path="teams/1/experiments?")
        await here.sync()
        assert len(await here.rows(m.Team)) == len(platform.teams)
        assert len(await here.rows(m.Goal)) == len(platform.events)
        assert len(await here.rows(m.Experiment)) == 1


async def test_an_expired_token_is_said_and_another_one_is_taken_without_a_restart(
    database: Database, platform: Checkmango, tmp_path: Path
) -> None:
    fill(platform, experiments=1)
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        platform.expire_token()
        payload = await here.sync(ok=False)
        [error] = payload["errors"]
        assert (error["__typename"], error["status"]) == ("UpstreamFailed", 403)
        assert (error["retryable"], payload["source"]["lastError"]) == (False, error["message"])
        platform.token += "-of-tomorrow"
        here.use_token(platform.token)
        await here.sync()


async def test_the_graph_tells_what_is_between_experiments_and_the_rest(
    database: Database, platform: Checkmango, tmp_path: Path
) -> None:
    fill(platform, experiments=3)
    there = platform.one("running")
    event = platform.events[there["event_id"]]
    query = """query($id: ID!) { experiment(id: $id) {
      key nativeState description primaryMetric { nativeType goal { name } }
      variants { key isControl } results { variantIndex pValue }
      details { ... on CheckmangoDetails { teamId numericId eventKey } }
    } }"""
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        found = await ask(here.client, query, id=id_of(await here.row(there["id"])))
    variants = [row for row in platform.variants.values() if row["experiment_id"] == there["id"]]
    assert (found["key"], found["description"]) == (there["key"], there["description"])
    assert found["primaryMetric"]["goal"]["name"] == event["key"]
    assert [each["key"] for each in found["variants"]] == [row["key"] for row in variants]
    assert [each["isControl"] for each in found["variants"]] == [row["control"] for row in variants]
    assert len(found["results"]) == len(variants)
    assert found["details"]["teamId"] == there["team_id"]


# --- Changes


async def test_every_action_happens_once_and_both_sides_agree(
    database: Database, platform: Checkmango, tmp_path: Path
) -> None:
    fill(platform, experiments=3)
    platform.stale_echo = True  # as in the published example, which is not to be trusted
    number = platform.one("draft")["id"]
    path = f"/api/teams/1/experiments/{platform.experiments[number]['key']}"
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        for mutation, call, phase in (
            ("startExperiment", ("POST", f"{path}/start"), "RUNNING"),
            ("stopExperiment", ("POST", f"{path}/stop"), "STOPPED"),
        ):
            platform.clear()
            payload = await here.act(mutation, await here.row(number))
            assert payload["errors"] == []
            assert payload["experiment"]["sync"] == {"state": "SYNCED", "error": None}
            assert payload["experiment"]["phase"] == phase
            told = payload["event"]["delivery"]
            assert (told["state"], told["attempts"]) == ("DELIVERED", 1)
            assert here.changes == [call]
            assert len(here.applied) == 1
            await in_step(here, number)
        platform.clear()
        payload = await here.act("deleteExperiment", await here.row(number))
        assert (payload["errors"], payload["experiment"]["status"]) == ([], "DELETED")
        assert (here.changes, here.applied) == ([("DELETE", path)], ["delete"])
        assert number not in platform.experiments
        await here.sync()
        assert (await here.row(number)).sync_state is m.SyncState.SYNCED


async def test_every_refusal_is_typed_and_the_graph_says_what_the_platform_says(
    database: Database, platform: Checkmango, tmp_path: Path
) -> None:
    fill(platform, experiments=4)
    first, second, third, fourth = drafts(platform)
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        platform.experiments[first].update(status="running", started="2026-02-01 10:00:00")
        error = await refused(here, first, "startExperiment")
        assert (error["__typename"], error["from"]) == ("InvalidTransition", "RUNNING")
        assert (await here.row(first)).phase is m.Phase.RUNNING

        del platform.experiments[second]
        error = await refused(here, second, "startExperiment")
        assert error["__typename"] == "NotFound"
        assert (await here.row(second)).phase is m.Phase.DRAFT

        platform.may_write = False
        error = await refused(here, third, "startExperiment")
        assert (error["__typename"], error["status"]) == ("UpstreamFailed", 403)
        platform.may_write = True
        platform.fail(Fault.EXPIRED, method="POST")
        error = await refused(here, third, "startExperiment", note="Go.")
        assert (error["status"], error["retryable"]) == (403, False)
        assert (await here.row(third)).phase is m.Phase.DRAFT
        assert platform.applied == []

        platform.experiments[fourth]["key"] = "RENAMED"
        payload = await here.act("startExperiment", await here.row(fourth))
        assert (payload["errors"], here.applied) == ([], ["start"])
        assert (await here.row(fourth)).key == "RENAMED"


async def refused(here: Connected, number: int, mutation: str, **given: Any) -> Row:
    """The one reason of a mutation that the platform refuses; nothing of it is left."""
    noted = len(await here.rows(m.Note))
    payload = await here.act(mutation, await here.row(number), **given)
    assert payload["ok"] is False
    [error] = payload["errors"]
    assert payload["event"]["delivery"]["state"] == "REFUSED"
    after = await here.row(number)
    assert (after.sync_state, after.sync_error) == (m.SyncState.FAILED, error["message"])
    assert len(await here.rows(m.Note)) == noted
    assert await leaks(here) == []
    found: Row = error
    return found


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
    Fault.RATE_LIMITED: AGAIN,
}


async def test_whatever_goes_wrong_a_change_happens_once(
    database: Database,
    platform: Checkmango,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fill(platform, experiments=len(FAULTS))
    numbers = drafts(platform)
    async with connected(database, platform, m.Platform.CHECKMANGO, tmp_path) as here:
        await here.sync()
        for number, (fault, expected) in zip(numbers, FAULTS.items(), strict=True):
            platform.clear()
            platform.fail(fault, method="POST", seconds=expected.seconds)
            payload = await here.act("startExperiment", await here.row(number))
            assert payload["errors"] == [], fault
            told = payload["event"]["delivery"]
            assert (told["state"], told["attempts"]) == ("DELIVERED", expected.attempts), fault
            assert (len(here.changes), here.applied) == (expected.calls, ["start"]), fault
            await in_step(here, number)
        platform.clear()
        platform.fail(Fault.CUT_AFTER, method="DELETE")
        payload = await here.act("deleteExperiment", await here.row(numbers[0]))
        assert (payload["errors"], here.applied) == ([], ["delete"])
        said = capsys.readouterr()
        assert [secret for secret in SECRETS if secret in said.out + said.err] == []
        assert await leaks(here) == []
        assert (await here.source()).state is m.SourceState.CONNECTED
