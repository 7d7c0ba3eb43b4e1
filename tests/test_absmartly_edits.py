"""ABsmartly, connected: experiments are made, changed and talked about there, by mutations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import models as m
from connectors import delivery
from models.database import Database
from tests.connected import Connected, connected, edit
from tests.making import id_of
from tests.platforms.absmartly import Absmartly
from tests.platforms.standin import Fault, fill

DRAFT, RUNNING = 1, 4
MADE = "experiment { id externalId key phase sync { state error } }"


@pytest.fixture
async def here(
    database: Database, absmartly: Absmartly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Connected]:
    """The gateway over four experiments, synced once."""
    monkeypatch.setattr(delivery, "FIRST_WAIT", delivery.FIRST_WAIT / 20)
    fill(absmartly, experiments=RUNNING)
    async with connected(database, absmartly, m.Platform.ABSMARTLY, tmp_path) as opened:
        await opened.sync()
        absmartly.clear()
        yield opened


async def test_an_experiment_is_made_there_and_known_by_its_number(
    here: Connected, absmartly: Absmartly
) -> None:
    [unit, *_] = await here.rows(m.UnitType)
    [metric, *_] = await here.rows(m.Metric)
    for fault, key in ((Fault.SLOW, "first"), (Fault.CUT_AFTER, "second"), (Fault.FAILING, "next")):
        absmartly.clear()
        absmartly.fail(fault, method="POST", seconds=0)
        payload = await edit(
            here,
            "createExperiment",
            MADE,
            source="absmartly",
            key=key,
            name=f"The {key}",
            unitType=id_of(unit),
            primaryMetric=id_of(metric),
            variants=[{"name": "control"}, {"name": "new", "config": {"colour": 1}}],
            note="Let us see.",
        )
        assert payload["errors"] == [], fault
        number = max(absmartly.experiments)
        assert here.applied == ["create"], fault
        made = payload["experiment"]
        assert (made["externalId"], made["phase"]) == (str(number), "DRAFT"), fault
        assert made["sync"] == {"state": "SYNCED", "error": None}, fault
        there = absmartly.experiments[number]
        assert (there["name"], there["percentages"]) == (key, "50/50"), fault
        assert [each["config"] for each in there["variants"]] == [None, '{"colour": 1}'], fault
        started = await here.act("markExperimentReady", await here.row(number))
        assert started["errors"] == [], fault
    payload = await edit(here, "createExperiment", MADE, source="absmartly", key="first", name="n")
    assert [error["__typename"] for error in payload["errors"]] == ["Taken"]


async def test_a_name_that_only_the_platform_knows_is_taken(
    here: Connected, absmartly: Absmartly
) -> None:
    absmartly.experiments[DRAFT]["name"] = "taken_since"
    [unit, *_] = await here.rows(m.UnitType)
    payload = await edit(
        here,
        "createExperiment",
        MADE,
        source="absmartly",
        key="taken_since",
        name="n",
        unitType=id_of(unit),
        variants=[{"name": "control"}, {"name": "new"}],
    )
    [error] = payload["errors"]
    assert (error["__typename"], error["field"], error["value"]) == ("Taken", "key", "taken_since")
    assert payload["event"]["delivery"]["state"] == "REFUSED"
    rows = [row for row in await here.rows(m.Experiment) if row.external_id is None]
    assert [row.deleted_at is not None for row in rows] == [True]
    assert len(absmartly.experiments) == RUNNING


async def test_variants_change_there_too(here: Connected, absmartly: Absmartly) -> None:
    row, there = await here.row(DRAFT), absmartly.experiments[DRAFT]
    count, shares = there["nr_variants"], there["percentages"]
    given = {"experiment": id_of(row), "name": "newest"}
    [error] = (await edit(here, "createVariant", **given, weight=10))["errors"]
    assert (error["__typename"], error["path"]) == ("ValidationFailed", ["percentages"])
    assert await variants_of(here, row) == [each["name"] for each in there["variants"]]

    assert (await edit(here, "createVariant", **given, weight=0))["errors"] == []
    assert (there["variants"][-1]["name"], there["nr_variants"]) == ("newest", count + 1)
    assert there["percentages"] == f"{shares}/0"
    [*_, newest] = await here.rows(m.Variant)
    assert (await edit(here, "updateVariant", id=id_of(newest), name="newer"))["errors"] == []
    assert there["variants"][-1]["name"] == "newer"
    assert (await edit(here, "deleteVariant", id=id_of(newest)))["errors"] == []
    assert (len(there["variants"]), there["percentages"]) == (count, shares)
    assert await variants_of(here, row) == [each["name"] for each in there["variants"]]
    assert here.changes == [("PUT", f"/v1/experiments/{DRAFT}")] * 4
    synced = await here.row(DRAFT)
    assert (synced.percentages, synced.sync_state) == (shares, m.SyncState.SYNCED)


async def variants_of(here: Connected, row: m.Experiment) -> list[str | None]:
    """The names of an experiment's variants in the graph."""
    found = [each for each in await here.rows(m.Variant) if each.experiment_id == row.id]
    return [each.name for each in sorted(found, key=lambda each: each.index)]


async def test_what_somebody_says_is_said_there_once(here: Connected, absmartly: Absmartly) -> None:
    row = await here.row(RUNNING)
    absmartly.fail(Fault.TRUNCATED, method="POST")
    given = {"experiment": id_of(row), "note": "Looks good."}
    assert (await edit(here, "addExperimentNote", **given))["errors"] == []
    newest = absmartly.notes[max(absmartly.notes)]
    assert (newest["experiment_id"], newest["note"]) == (RUNNING, "Looks good.")
    assert len(here.changes) == 1
    said = [note for note in await here.rows(m.Note) if note.note == "Looks good."]
    assert [note.external_id for note in said] == [str(newest["id"])]


async def test_fields_change_there_and_what_may_not_change_comes_back(
    here: Connected, absmartly: Absmartly
) -> None:
    row, there = await here.row(DRAFT), absmartly.experiments[DRAFT]
    seed = there["seed"]
    given = {
        "name": "Other words",
        "description": "What it is about.",
        "owners": [id_of(user) for user in (await here.rows(m.User))[:2]],
        "tags": [id_of(tag) for tag in await here.rows(m.Tag) if tag.kind is m.TagKind.EXPERIMENT],
        "percentageOfTraffic": 25,
        "percentages": split(there["nr_variants"]),
        "absmartly": {"requiredAlpha": "0.05"},
    }
    payload = await edit(here, "updateExperiment", MADE, id=id_of(row), **given)
    assert payload["errors"] == []
    assert payload["event"]["delivery"]["state"] == "DELIVERED"
    assert (there["display_name"], there["percentage_of_traffic"]) == ("Other words", 25)
    assert (len(there["owners"]), len(there["experiment_tags"])) == (2, 3)
    assert (there["percentages"], there["seed"]) == (given["percentages"], seed)
    assert (there["required_alpha"], there["required_power"]) == ("0.05", "0.8")
    assert here.applied == ["edit"]

    absmartly.clear()
    absmartly.experiments[DRAFT]["state"] = "running"  # by somebody else, since it was read
    absmartly.fail(Fault.CUT_BEFORE, method="PUT")
    [unit] = [each for each in await here.rows(m.UnitType) if each.id != row.unit_type_id]
    payload = await edit(here, "updateExperiment", MADE, id=id_of(row), unitType=id_of(unit))
    [error] = payload["errors"]
    assert error["fields"] == [{"path": ["unitType"], "rule": "refused"}]
    after = await here.row(DRAFT)
    assert (after.unit_type_id, after.phase) == (row.unit_type_id, m.Phase.RUNNING)
    assert after.sync_state is m.SyncState.FAILED
    assert here.applied == []


def split(count: int) -> str:
    """Shares of so many variants."""
    return "/".join(["10"] * (count - 1) + [f"{100 - 10 * (count - 1)}"])
