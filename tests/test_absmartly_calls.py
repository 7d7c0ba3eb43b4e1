"""ABsmartly's connector by itself: edits, variants, notes, creations, and what it has not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

import models as m
from connectors.base import Fate, Task
from connectors.credentials import Secrets
from connectors.registry import Registry
from models.database import Database
from models.delivery import shown_by
from models.errors import Refusal
from resolvers.blueprint import blueprint
from tests.connected import Connected, connected
from tests.platforms.absmartly import Absmartly
from tests.platforms.standin import Row, fill

DRAFT, RUNNING = 1, 4


class Calls:
    """The connector of a source that was synced once, and designs of its experiments."""

    def __init__(self, here: Connected, connector: Any) -> None:
        self.here = here
        self.connector = connector

    async def design(self, row: m.Experiment) -> Row:
        """The design of an experiment, to be changed."""
        async with self.here.database.read() as session:
            return await blueprint(session, row)

    def task(self, verb: str, row: Any, **arguments: Any) -> Task:
        """A task that leaves the lifecycle as it is."""
        shown = shown_by(row) if isinstance(row, m.Experiment) else {}
        return Task(verb, row, arguments, shown, shown)

    async def done(self, task: Task) -> None:
        """Perform it: before, nothing of it is seen on the platform, and afterwards all."""
        assert await self.fate(task) is Fate.NOT_DONE
        assert self.connector.accepted(await self.connector.perform(task))
        assert await self.fate(task) is Fate.DONE

    async def fate(self, task: Task) -> Fate:
        """What became of a task."""
        found: Fate = self.connector.fate(task, await self.connector.read(task.row))
        return found

    async def refused(self, task: Task) -> Any:
        """The one reason why it is refused."""
        reply = await self.connector.perform(task)
        assert not self.connector.accepted(reply)
        [reason] = await self.connector.refusal(task, reply)
        return reason


@pytest.fixture
async def calls(database: Database, absmartly: Absmartly, tmp_path: Path) -> AsyncIterator[Calls]:
    """The connector, over four experiments."""
    fill(absmartly, experiments=RUNNING)
    async with connected(database, absmartly, m.Platform.ABSMARTLY, tmp_path) as here:
        await here.sync()
        registry = Registry(Secrets(here.secrets))
        yield Calls(here, registry.open(await here.source()))
        await registry.close()


async def test_an_edit_says_everything_again_and_changes_what_changed(
    calls: Calls, absmartly: Absmartly
) -> None:
    row, there = await calls.here.row(DRAFT), absmartly.experiments[DRAFT]
    before = {**there, "variants": [dict(each) for each in there["variants"]]}
    design = await calls.design(row) | {
        "name": "Better words",
        "key": "better_key",
        "percentage_of_traffic": 12,
        "audience": '{"filter":[]}',
        "audience_strict": True,
        "minimum_detectable_effect": "2.5",
        "unit_type": "2",
        "primary_metric": "7",
        "secondary_metrics": [
            {"metric": "3", "role": "GUARDRAIL"},
            {"metric": "4", "role": "SECONDARY"},
            {"metric": "5", "role": "GUARDRAIL"},
        ],
        "applications": [{"application": "2", "application_version": "3.1"}],
        "owners": ["2", "3"],
        "teams": [],
        "tags": ["1", "2"],
        "tag_names": ["checkout", "search"],
        "details": {"analysis_type": "fixed_horizon", "required_alpha": "0.05"},
    }
    was = await calls.design(row)
    fields = [name for name, value in design.items() if value != was[name]]
    await calls.done(calls.task("UPDATE", row, design=design, fields=fields))

    assert (there["name"], there["display_name"]) == ("better_key", "Better words")
    assert (there["percentage_of_traffic"], there["audience_strict"]) == (12, True)
    assert (there["unit_type_id"], there["primary_metric_id"]) == (2, 7)
    assert [(each["metric_id"], each["type"], each["order_index"]) for each in _rows(there)] == [
        (3, "guardrail", 0),
        (4, "secondary", 0),
        (5, "guardrail", 1),
    ]
    assert [each["user_id"] for each in there["owners"]] == [2, 3]
    assert [each["application_version"] for each in there["applications"]] == ["3.1"]
    assert (there["teams"], len(there["experiment_tags"])) == ([], 2)
    assert (there["analysis_type"], there["required_alpha"]) == ("fixed_horizon", "0.05")
    kept = ("percentages", "variants", "seed", "state", "required_power", "iteration")
    assert {name: there[name] for name in kept} == {name: before[name] for name in kept}
    assert [each["value"] for each in there["custom_section_field_values"]] == ["Because 1."]


def _rows(experiment: Row) -> list[Row]:
    rows: list[Row] = experiment["secondary_metrics"]
    return rows


async def test_variants_come_change_and_go_with_their_shares(
    calls: Calls, absmartly: Absmartly
) -> None:
    row, there = await calls.here.row(DRAFT), absmartly.experiments[DRAFT]
    design = await calls.design(row)
    count = len(design["variants"])
    made = {**design["variants"][1], "index": count, "name": "newest", "config": '{"x":1}'}
    shares = "/".join(["10"] * count + [f"{100 - 10 * count}"])
    more = {**design, "variants": [*design["variants"], made], "percentages": shares}
    await calls.done(calls.task("CREATE_VARIANT", row, design=more, variant=made, was=None))
    assert (there["nr_variants"], there["percentages"]) == (count + 1, shares)
    assert there["variants"][-1]["config"] == '{"x":1}'

    now = {**made, "name": "renamed"}
    more["variants"][-1] = now
    await calls.done(calls.task("UPDATE_VARIANT", row, design=more, variant=now, was=made))
    assert [each["name"] for each in there["variants"]][-1] == "renamed"

    gone = more["variants"].pop(1)
    less = {**more, "percentages": design["percentages"]}
    await calls.done(calls.task("DELETE_VARIANT", row, design=less, variant=None, was=gone))
    assert [each["variant"] for each in there["variants"]] == list(range(count))
    assert there["variants"][-1]["name"] == "renamed"


async def test_what_cannot_change_while_it_runs_is_named(
    calls: Calls, absmartly: Absmartly
) -> None:
    row = await calls.here.row(RUNNING)
    design = await calls.design(row) | {"percentage_of_traffic": 5, "unit_type": "2"}
    await calls.done(calls.task("UPDATE", row, design=design, fields=["percentage_of_traffic"]))
    design["unit_type"] = "1" if absmartly.experiments[RUNNING]["unit_type_id"] == 2 else "2"
    reason = await calls.refused(calls.task("UPDATE", row, design=design, fields=["unit_type"]))
    assert [(error.path, error.rule) for error in reason.fields] == [(("unitType",), "refused")]


async def test_a_note_is_written_once(calls: Calls, absmartly: Absmartly) -> None:
    task = calls.task("NOTE", await calls.here.row(RUNNING), note="Looks good.")
    await calls.done(task)
    newest = absmartly.notes[max(absmartly.notes)]
    assert (newest["action"], newest["note"]) == ("comment", "Looks good.")
    answer = orjson.dumps({"experiment_note": newest})
    for body in (await calls.connector.read(task.row), answer):
        assert calls.connector.noted(task, body) == str(newest["id"])
    for body in (b"", b"null", b"[]", b"7", b'{"experiment_note": 1}', b"[1, {}]"):
        assert calls.connector.noted(task, body) is None


async def test_an_answer_to_what_is_too_far_back_is_not_said_twice(
    calls: Calls, absmartly: Absmartly
) -> None:
    row = await calls.here.row(RUNNING)
    answered = next(n for n in absmartly.notes.values() if n["experiment_id"] == RUNNING)
    task = replace(calls.task("REPLY", row, note="Yes."), about=str(answered["id"]))
    await calls.done(task)
    [answer] = answered["reply_to_experiment_note"]
    assert calls.connector.noted(task, await calls.connector.read(row)) == str(answer["id"])
    assert await calls.fate(replace(task, about="4711")) is Fate.OVERTAKEN
    comment = calls.task("NOTE", row, note="Yes.")  # the answer is no comment of its own
    assert await calls.fate(comment) is Fate.NOT_DONE


async def test_a_new_experiment_is_a_draft_with_the_platforms_own_defaults(
    calls: Calls, absmartly: Absmartly
) -> None:
    model = await calls.here.row(DRAFT)
    design = await calls.design(model) | {"key": "brand_new", "name": "Brand new", "details": None}
    row = m.Experiment(**{**model.model_dump(), "id": 0, "external_id": None, "key": "brand_new"})
    row.created_at = calls.task("CREATE", row).at
    task = calls.task("CREATE", row, design=design)
    assert await calls.fate(task) is Fate.NOT_DONE
    reply = await calls.connector.perform(task)
    assert calls.connector.made(task, reply) == "5"
    assert await calls.fate(task) is Fate.DONE
    assert calls.connector.traced(task, await calls.connector.read(row)) == "5"
    there = absmartly.experiments[5]
    assert (there["state"], there["iteration"]) == ("created", 1)
    assert (there["analysis_type"], there["required_alpha"]) == ("group_sequential", "0.1")
    assert there["percentages"] == design["percentages"]
    assert there["group_sequential_max_duration_interval"] == "6w"

    reason = await calls.refused(task)
    assert (reason.code, reason.field, reason.value) == ("TAKEN", "key", "brand_new")
    archived = next(each["name"] for each in absmartly.experiments.values() if each["id"] == 2)
    absmartly.experiments[2]["archived"] = True
    again = calls.task("CREATE", row, design={**design, "key": archived})
    assert (await calls.refused(again)).code == "TAKEN"


async def test_what_the_platform_knows_not_is_said_before_any_call(
    calls: Calls, absmartly: Absmartly
) -> None:
    row = await calls.here.row(DRAFT)
    design, lacks = await calls.design(row), "UNSUPPORTED_BY_PLATFORM"
    for task, code in (
        (calls.task("CREATE_HOLDOUT", m.Holdout(id=1, name="h")), lacks),
        (
            calls.task("CREATE_SAVED_METRIC", m.SavedMetric(id=1, name="s")),
            "UNSUPPORTED_BY_PLATFORM",
        ),
        (calls.task("DELETE", row), "UNSUPPORTED_BY_PLATFORM"),
        (calls.task("UPDATE", row, design=design, fields=["seed"]), "UNSUPPORTED_BY_PLATFORM"),
        (
            calls.task("UPDATE", row, design={**design, "owners": [None]}, fields=["owners"]),
            "VALIDATION_FAILED",
        ),
    ):
        absmartly.clear()
        with pytest.raises(Refusal) as refusal:
            await calls.connector.perform(task)
        assert [reason.code for reason in refusal.value.reasons] == [code]
        assert calls.here.changes == []
    assert await calls.connector.read(m.Holdout(id=1, name="h")) is None
