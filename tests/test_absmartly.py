"""ABsmartly, connected: what a sync brings, what mutations do there, what it refuses."""

from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

import models as m
from connectors import delivery, http
from connectors.credentials import Secrets
from connectors.registry import Registry
from models.database import Database
from tests.connected import Connected, connected, leaks
from tests.making import ask, everything, id_of
from tests.platforms.absmartly import Absmartly
from tests.platforms.standin import Fault, Row, fill

EXPERIMENTS = 12
"""One of each kind."""

TABLES: dict[str, type[Any]] = {
    "users": m.User,
    "teams": m.Team,
    "applications": m.Application,
    "unit_types": m.UnitType,
    "metric_categories": m.MetricCategory,
    "segments": m.Segment,
    "goals": m.Goal,
    "metrics": m.Metric,
    "experiment_custom_section_fields": m.CustomField,
    "experiments": m.Experiment,
    "experiment_notes": m.Note,
}


@pytest.fixture
def platform(absmartly: Absmartly, monkeypatch: pytest.MonkeyPatch) -> Absmartly:
    """The stand-in, and clocks that do not keep a test waiting."""
    fill(absmartly, experiments=EXPERIMENTS)
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    monkeypatch.setattr(http, "ATTEMPTS", 2)
    return absmartly


async def in_step(here: Connected, number: int) -> None:
    """Whether the graph says of an experiment what the platform says, with the same notes."""
    row, there = await here.row(number), here.standin.experiments[number]
    said = (row.native_state, row.archived, row.full_on_variant, row.sync_state, row.iteration)
    assert said == (
        there["state"],
        there["archived"],
        there["full_on_variant"],
        m.SyncState.SYNCED,
        there["iteration"],
    )
    for ours, theirs in {"started_at": "start_at", "stopped_at": "stop_at"}.items():
        at = getattr(row, ours)
        assert (at and f"{at:%FT%T.%f}"[:-3] + "Z") == there[theirs]
    assert isinstance(here.standin, Absmartly)
    noted = {(str(n), note["action"]) for n, note in here.standin.notes.items() if _of(note, there)}
    notes = [note for note in await here.rows(m.Note) if note.experiment_id == row.id]
    assert {(note.external_id, str(note.action).lower()) for note in notes} == noted
    assert len(notes) == len(noted)


def _of(note: Row, experiment: Row) -> bool:
    return bool(note["experiment_id"] == experiment["id"])


# --- Sync


async def test_a_sync_brings_everything_and_a_second_one_changes_nothing(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        for table, model in TABLES.items():
            ids = [row.external_id for row in await here.rows(model)]
            assert sorted(ids) == sorted(map(str, platform.tables[table])), table
        kinds = [tag.kind for tag in await here.rows(m.Tag)]
        assert [kinds.count(kind) for kind in m.TagKind] == [3, 2, 2]
        for model, key in ((m.Alert, "alerts"), (m.Result, "preview_variants")):
            count = sum(len(row[key]) for row in platform.experiments.values())
            assert len(await here.rows(model)) == count > EXPERIMENTS / 2
        assert sum(user.archived for user in await here.rows(m.User)) == 1
        before = await everything(database)

        platform.clear()
        await here.sync()
        after = await everything(database)
        assert {name for name, rows in after.items() if rows != before[name]} == {"source"}
        assert not [call for call in platform.calls if "activity" in call.path]


async def test_pages_are_small_and_archived_ones_come_after_the_others(
    database: Database, platform: Absmartly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.absmartly.lists.ITEMS", 5)
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        assert len(await here.rows(m.Experiment)) == EXPERIMENTS
        pages = [call for call in platform.calls if call.path.startswith("/v1/experiments?")]
        assert len(pages) == 4


async def test_what_is_archived_while_a_list_is_walked_is_seen_all_the_same(
    database: Database, platform: Absmartly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.absmartly.lists.ITEMS", 2)
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        registry = Registry(Secrets(here.secrets))
        connector = registry.open(await here.source())
        page = await connector.page("experiments", None)
        seen = set(page.experiments)
        platform.one("created")["archived"] = True  # the first page of what is left moves up
        while page.next:
            page = await connector.page("experiments", page.next)
            seen |= set(page.experiments)
        await registry.close()
    assert seen == set(map(str, platform.experiments))


async def test_what_disappears_is_marked_and_what_moved_is_read_again(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        gone, moved = platform.one("stopped")["id"], platform.one("running")
        del platform.experiments[gone]
        moved["display_name"] = "Another name"
        platform.touch(moved)
        platform.clear()
        await here.sync()
        assert (await here.row(gone)).sync_state is m.SyncState.MISSING
        assert (await here.row(moved["id"])).name == "Another name"
        asked = [call.path for call in platform.calls if "activity" in call.path]
        assert asked == [f"/v1/experiments/{moved['id']}/activity?offset=0"]
        states = [row.sync_state for row in await here.rows(m.Experiment)]
        assert states.count(m.SyncState.SYNCED) == EXPERIMENTS - 1


async def test_a_sync_that_failed_goes_on_from_where_it_was(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    fill(platform, experiments=2)
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        platform.fail(Fault.FAILING, times=http.ATTEMPTS, path="/metrics")
        [error] = (await here.sync(ok=False))["errors"]
        assert (error["__typename"], error["status"]) == ("UpstreamFailed", 500)
        assert await here.rows(m.Metric) == []
        assert len(await here.rows(m.Goal)) == len(platform.goals)

        platform.clear()
        done = await here.sync()
        assert "user" not in {count["type"] for count in done["counts"] if count["created"]}
        assert not [call for call in platform.calls if call.path.startswith("/v1/users")]
        assert len(await here.rows(m.Experiment)) == 2
        assert done["source"] == {"state": "CONNECTED", "lastError": None}
        assert await leaks(here) == []


async def test_a_list_that_comes_broken_once_is_asked_for_again(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    fill(platform, experiments=1)
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        platform.fail(Fault.WRONG_JSON, path="/v1/users?")
        platform.fail(Fault.CUT_AFTER, path="/v1/goals?")
        platform.fail(Fault.TRUNCATED, path="/v1/experiments?")
        await here.sync()
        assert len(await here.rows(m.User)) == len(platform.users)
        assert len(await here.rows(m.Goal)) == len(platform.goals)
        assert len(await here.rows(m.Experiment)) == 1


async def test_an_expired_key_is_said_and_another_one_is_taken_without_a_restart(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    fill(platform, experiments=1)
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        platform.expire_token()
        payload = await here.sync(ok=False)
        [error] = payload["errors"]
        assert (error["status"], error["retryable"]) == (401, False)
        assert payload["source"]["lastError"] == error["message"]
        platform.token += "-of-tomorrow"
        here.use_token(platform.token)
        await here.sync()


async def test_a_list_that_may_not_be_read_is_empty_and_the_others_come(
    database: Database, platform: Absmartly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(platform, experiments=1)
    lets_in = platform.refusal

    def refusal(request: Request, path: str) -> Response | None:
        return platform.forbidden() if path == "/v1/segments" else lets_in(request, path)

    monkeypatch.setattr(platform, "refusal", refusal)
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        assert await here.rows(m.Segment) == []
        assert len(await here.rows(m.Experiment)) == 1


# --- Changes


async def test_every_action_happens_once_and_both_sides_agree(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    fill(platform, experiments=1)
    number = platform.one("created")["id"]
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        for mutation, given, path, applied in (
            ("markExperimentReady", {}, "", "ready"),
            ("developExperiment", {"note": "Look."}, "/development", "development"),
            ("startExperiment", {"note": "Go."}, "/start", "start"),
            ("fullOnExperiment", {"variantIndex": 1}, "/full_on", "full_on"),
            ("stopExperiment", {"reason": "testing", "note": "Done."}, "/stop", "stop"),
            ("archiveExperiment", {}, "/archive", "archive"),
            ("unarchiveExperiment", {}, "/archive", "unarchive"),
        ):
            platform.clear()
            payload = await here.act(mutation, await here.row(number), **given)
            assert payload["errors"] == [], mutation
            assert payload["experiment"]["sync"] == {"state": "SYNCED", "error": None}
            told = payload["event"]["delivery"]
            assert (told["state"], told["attempts"]) == ("DELIVERED", 1)
            assert here.changes == [("PUT", f"/v1/experiments/{number}{path}")]
            assert here.applied == [applied]
            await in_step(here, number)
        stopped = await here.row(number)
        assert (stopped.stop_reason, stopped.conclusion) == ("testing", "full_on")


async def test_a_restart_makes_a_new_iteration_of_the_same_family(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    fill(platform, experiments=4)
    there = platform.one("running")
    number = there["id"]
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        platform.clear()
        given = {"reason": "testing", "reshuffle": False, "note": "Again."}
        payload = await here.act("restartExperiment", await here.row(number), **given)
        assert payload["errors"] == []
        made = payload["experiment"]
        assert (made["externalId"], made["iteration"]) == (str(5), 2)
        assert here.changes == [("PUT", f"/v1/experiments/{number}/restart")]
        await in_step(here, number)
        await in_step(here, 5)
        old, new = await here.row(number), await here.row(5)
        assert (old.phase, old.family_id) == (m.Phase.STOPPED, new.family_id)
        assert (new.seed, new.phase) == (there["seed"], m.Phase.RUNNING)

        again = {"as": "DEVELOPMENT", "reshuffle": True}
        payload = await here.act("restartExperiment", old, **again)
        assert (payload["experiment"]["phase"], payload["errors"]) == ("DEVELOPMENT", [])
        newest = await here.row(payload["experiment"]["externalId"])
        assert newest.seed == platform.experiments[int(newest.external_id or 0)]["seed"] != old.seed
        before = await everything(database)
        await here.sync()
        after = await everything(database)
        assert {name for name, rows in after.items() if rows != before[name]} == {"source"}


async def test_the_graph_tells_what_is_between_experiments_and_the_rest(
    database: Database, platform: Absmartly, tmp_path: Path
) -> None:
    fill(platform, experiments=4)
    there = platform.one("running")
    query = """query($id: ID!) { experiment(id: $id) {
      key name percentages seed unitType { name } primaryMetric { name goal { name } }
      owners { email } teams { name } tags { tag } applications { application { name } }
      variants { index name config isControl weight }
      notes(first: 10) { nodes { action note createdBy { email } } }
    } }"""
    async with connected(database, platform, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        found = await ask(here.client, query, id=id_of(await here.row(there["id"])))
    assert (found["key"], found["name"]) == (there["name"], there["display_name"])
    assert (found["percentages"], found["seed"]) == (there["percentages"], there["seed"])
    assert found["unitType"]["name"] == there["unit_type"]["name"]
    assert found["primaryMetric"]["name"] == there["primary_metric"]["name"]
    assert [each["email"] for each in found["owners"]] == [there["owners"][0]["user"]["email"]]
    assert [each["name"] for each in found["teams"]] == [there["teams"][0]["team"]["name"]]
    shares = [float(share) for share in there["percentages"].split("/")]
    assert [each["weight"] for each in found["variants"]] == shares
    said = {node["action"] for node in found["notes"]["nodes"]}
    assert said == {"CREATE", "READY", "START"}
