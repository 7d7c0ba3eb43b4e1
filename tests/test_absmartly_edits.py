"""ABsmartly, connected: experiments are made, changed and talked about there, by mutations."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import models as m
from connectors import delivery
from models.database import Database
from tests.connected import Connected, connected, edit
from tests.making import add, everything, id_of
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


async def test_answers_and_other_words_are_said_there_too(
    here: Connected, absmartly: Absmartly
) -> None:
    said = await noted(here, "addExperimentNote", experiment=id_of(await here.row(RUNNING)))
    absmartly.fail(Fault.TRUNCATED, method="POST")
    answer = await noted(here, "replyToNote", id=id_of(said), note="Because.")
    absmartly.fail(Fault.TRUNCATED, method="PUT")
    await edit(here, "editNote", id=id_of(said), note="Why two?")
    path = f"/v1/experiments/{RUNNING}/activity"
    number = said.external_id
    assert here.changes == [
        ("POST", path),
        ("POST", f"{path}/{number}/reply"),
        *[("PUT", f"{path}/{number}")] * 2,  # whether it arrived nobody knew, and it may be said
    ]
    there = absmartly.notes[int(number or 0)]
    assert there["note"] == "Why two?"
    [answered] = there["reply_to_experiment_note"]
    assert (answered["note"], str(answered["id"])) == ("Because.", answer.external_id)
    assert answer.reply_to_id == said.id
    before = await everything(here.database)
    await here.sync()
    after = await everything(here.database)
    assert {name for name, rows in after.items() if rows != before[name]} == {"source"}


async def noted(here: Connected, mutation: str, **given: Any) -> m.Note:
    """The note that a mutation wrote here, as it is when the platform has it."""
    payload = await edit(here, mutation, **{"note": "Why *two*?", **given})
    assert payload["errors"] == []
    assert payload["event"]["delivery"]["state"] == "DELIVERED"
    note: m.Note = (await here.rows(m.Note))[-1]
    return note


async def test_an_answer_waits_for_what_it_answers(here: Connected, absmartly: Absmartly) -> None:
    given = {"experiment": id_of(await here.row(RUNNING)), "note": "Why?"}
    absmartly.fail(Fault.SLOW, method="POST", seconds=1)
    async with asyncio.TaskGroup() as group:
        group.create_task(edit(here, "addExperimentNote", **given))
        await here.until(lambda: here.changes != [])
        [*_, said] = await here.rows(m.Note)
        assert said.external_id is None
        answer = await noted(here, "replyToNote", id=id_of(said))
    [there] = [note for note in absmartly.notes.values() if note["note"] == "Why?"]
    [answered] = there["reply_to_experiment_note"]
    assert (str(answered["id"]), answer.reply_to_id) == (answer.external_id, said.id)


async def test_what_may_not_be_said_is_taken_back(here: Connected, absmartly: Absmartly) -> None:
    said = await noted(here, "addExperimentNote", experiment=id_of(await here.row(RUNNING)))
    del absmartly.notes[int(said.external_id or 0)]  # by somebody else
    for mutation in ("editNote", "replyToNote"):
        payload = await edit(here, mutation, id=id_of(said), note="Other words.")
        [error] = payload["errors"]
        assert (error["__typename"], payload["event"]["delivery"]["state"]) == (
            "NotFound",
            "REFUSED",
        )
        [*_, after] = await here.rows(m.Note)
        assert (after.id, after.note, after.external_id) == (said.id, said.note, said.external_id)


async def test_a_note_that_the_platform_does_not_have_is_answered_and_changed_here(
    here: Connected,
) -> None:
    row = await here.row(RUNNING)
    own = m.Note(source_id=row.source_id, experiment_id=row.id, note="Ours.")
    await add(here.database, own)
    for mutation in ("editNote", "replyToNote"):
        payload = await edit(here, mutation, id=id_of(own), note="Still ours.")
        assert (payload["errors"], payload["event"]["delivery"]) == ([], None)
    assert [note.note for note in await here.rows(m.Note)][-2:] == ["Still ours.", "Still ours."]
    assert here.changes == []


async def test_what_is_said_with_an_edit_stands_in_the_activity_there(
    here: Connected, absmartly: Absmartly
) -> None:
    row = await here.row(DRAFT)
    given = {"id": id_of(row), "name": "Other words", "note": "They are clearer."}
    assert (await edit(here, "updateExperiment", MADE, **given))["errors"] == []
    newest = absmartly.notes[max(absmartly.notes)]
    assert (newest["action"], newest["note"]) == ("edit", "They are clearer.")
    said = [note for note in await here.rows(m.Note) if note.note == newest["note"]]
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
