"""What becomes of everything that an ABsmartly experiment says."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

import models
from connectors.absmartly.states import split_of
from connectors.importing import import_documents
from connectors.payloads.documents import Document
from connectors.report import Report
from models.database import Database
from models.details import AbsmartlyDetails, details_of
from models.phase import Action, Phase, Platform, ReleaseMode

MARCH = datetime(2025, 3, 20, 12, tzinfo=UTC)


def day(number: int) -> datetime:
    return MARCH + timedelta(days=number)


def said(number: int) -> str:
    """A moment as the platform writes it."""
    return day(number).isoformat().replace("+00:00", "Z")


async def take(database: Database, *experiments: dict[str, Any]) -> Report:
    """Import a list of experiments; each has a name and a state, unless it says otherwise."""
    listed = [{"id": 1, "name": "checkout", "state": "running"} | each for each in experiments]
    document = Document("file", BytesIO(json.dumps({"experiments": listed}).encode()))
    return await import_documents(database, [document])


async def rows(database: Database, model: Any, *columns: str) -> list[Any]:
    """The rows of a table, in order; as tuples of some columns, or of the only one."""
    async with database.read() as session:
        table = model.__table__
        found = await session.execute(select(table).order_by(*table.primary_key.columns))
        said_rows = [tuple(getattr(row, name) for name in columns) for row in found]
    return [row[0] if len(columns) == 1 else row for row in said_rows]


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        ("created", Phase.DRAFT),
        ("draft", Phase.DRAFT),
        ("ready", Phase.READY),
        ("development", Phase.DEVELOPMENT),
        ("running", Phase.RUNNING),
        ("stopped", Phase.STOPPED),
    ],
)
async def test_a_state_becomes_a_phase(database: Database, state: str, phase: Phase) -> None:
    report = await take(database, {"state": state})

    assert await rows(database, models.Experiment, "phase", "native_state") == [(phase, state)]
    assert report.unknown_words == {}


@pytest.mark.parametrize(
    ("dates", "phase"),
    [
        ({}, Phase.DRAFT),
        ({"development_at": said(0)}, Phase.DEVELOPMENT),
        ({"development_at": said(0), "start_at": said(1)}, Phase.RUNNING),
        ({"start_at": said(1), "stop_at": said(2)}, Phase.STOPPED),
    ],
    ids=["no date", "development", "started", "stopped"],
)
async def test_an_unknown_state_is_judged_by_its_dates_kept_and_counted(
    database: Database, dates: dict[str, str], phase: Phase
) -> None:
    report = await take(database, {"state": "hibernating", "start_at": None, **dates})

    assert await rows(database, models.Experiment, "phase", "native_state") == [
        (phase, "hibernating")
    ]
    assert report.unknown_words == {("experiment.state", "hibernating"): 1}


async def test_an_experiment_that_does_not_say_its_state_keeps_it(database: Database) -> None:
    await take(database, {"state": "stopped"})
    listed = {"experiments": [{"id": 1, "name": "checkout", "archived": True}]}
    await import_documents(database, [Document("file", BytesIO(json.dumps(listed).encode()))])

    assert await rows(database, models.Experiment, "phase", "archived", "version") == [
        (Phase.STOPPED, True, 2)
    ]


async def test_a_release_is_kept_as_given_zero_included(database: Database) -> None:
    columns = ("full_on_at", "full_on_variant", "release_mode")
    await take(database, {"full_on_at": said(3), "full_on_variant": 0})
    assert await rows(database, models.Experiment, *columns) == [
        (day(3), 0, ReleaseMode.FULL_ON_RUNNING)
    ]

    await take(database, {"full_on_at": None, "full_on_variant": None})
    assert await rows(database, models.Experiment, *columns) == [(None, None, None)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({}, ("checkout", "checkout")),
        ({"display_name": None}, ("checkout", "checkout")),
        ({"display_name": "Checkout, shorter"}, ("checkout", "Checkout, shorter")),
    ],
    ids=["silent", "null", "named"],
)
async def test_an_experiment_is_called_by_its_display_name(
    database: Database, names: dict[str, Any], expected: tuple[str, str]
) -> None:
    await take(database, names)
    assert await rows(database, models.Experiment, "key", "name") == [expected]


async def test_a_display_name_outlives_an_answer_that_lacks_it(database: Database) -> None:
    await take(database, {"display_name": "Checkout, shorter"})
    report = await take(database, {})

    assert await rows(database, models.Experiment, "name") == ["Checkout, shorter"]
    assert report.outcomes == {("experiment", "unchanged"): 1}


async def test_variants_get_their_share_and_the_first_is_the_control(database: Database) -> None:
    variants = [{"variant": place, "name": name} for place, name in enumerate("ABC")]
    await take(database, {"percentages": "34/33/33", "variants": variants, "nr_variants": "3"})

    assert await rows(database, models.Variant, "index", "name", "is_control", "weight") == [
        (0, "A", True, 34.0),
        (1, "B", False, 33.0),
        (2, "C", False, 33.0),
    ]
    assert await rows(database, models.Experiment, "variant_count", "percentages") == [
        (3, "34/33/33")
    ]


@pytest.mark.parametrize(
    ("percentages", "split"),
    [("50/50", [50.0, 50.0]), ("33.3/66.7", [33.3, 66.7]), ("a/b", []), (None, [])],
)
def test_a_split_is_read_from_its_text(percentages: str | None, split: list[float]) -> None:
    assert split_of(percentages) == split


async def test_variants_keep_their_rows_when_they_change(database: Database) -> None:
    await take(database, {"variants": [{"variant": 0, "name": "A"}, {"variant": 1, "name": "B"}]})
    before = dict(await rows(database, models.Variant, "index", "id"))
    report = await take(
        database,
        {"variants": [{"variant": 2, "name": "C"}, {"variant": 0, "name": "a", "config": {}}]},
    )
    after = dict(await rows(database, models.Variant, "index", "id"))

    assert after.keys() == {0, 2}
    assert after[0] == before[0]
    assert report.outcomes == {("experiment", "updated"): 1}


async def test_a_variant_that_is_said_twice_is_taken_once(database: Database) -> None:
    report = await take(
        database, {"variants": [{"variant": 0, "name": "A"}, {"variant": 0, "name": "B"}]}
    )

    assert await rows(database, models.Variant, "name") == ["A"]
    assert report.reasons == {("variant", "a list of variants says it twice"): 1}


async def test_screenshots_find_their_variant_and_their_file(database: Database) -> None:
    shots = [
        {"variant": 1, "screenshot_file_upload_id": 14, "label": "after"},
        {"variant": 2, "screenshot_file_upload_id": 15, "file_upload": {"file_name": "c.png"}},
    ]
    columns = ("variant_index", "label", "position")
    await take(database, {"variant_screenshots": shots, "variants": [{"variant": 1}]})
    assert await rows(database, models.Screenshot, *columns) == [(1, "after", 0), (2, None, 1)]
    assert await rows(database, models.Screenshot, "file_id") == [None, 1]
    variants = await rows(database, models.Variant, "id")
    assert await rows(database, models.Screenshot, "variant_id") == [variants[0], None]

    await take(database, {"variants": [{"variant": 1}, {"variant": 2}]})
    variants = await rows(database, models.Variant, "id")
    assert await rows(database, models.Screenshot, "variant_id") == variants


async def test_results_are_read_in_both_spellings(database: Database) -> None:
    results = [
        {
            "environmentType": "production",
            "variant": 0,
            "metric_id": 20,
            "metric": {"id": 20, "name": "m"},
            "unit_count": "1000",
            "first_exposure_at": 1742472000000,
            "last_exposure_at": 0,
            "value": "123.4500",
            "pvalue": 0.03,
            "impact": None,
        },
        {"environment_type": "development", "variant": 1, "first_exposure_at": said(0)},
    ]
    await take(database, {"preview_variants": results, "variants": [{"variant": 0}]})

    columns = ("environment", "variant_index", "unit_count", "value", "p_value", "metric_id")
    assert await rows(database, models.Result, *columns) == [
        ("production", 0, 1000, Decimal("123.45"), 0.03, 1),
        ("development", 1, None, None, None, None),
    ]
    assert await rows(database, models.Result, "first_exposure_at", "last_exposure_at") == [
        (day(0), None),
        (day(0), None),
    ]


async def test_secondary_metrics_are_counted_within_their_role(database: Database) -> None:
    metrics = [
        {"metric": {"id": 1, "name": "a"}, "type": "guardrail"},
        {"metric": {"id": 2, "name": "b"}, "type": "secondary", "order_index": 4},
        {"metric": {"id": 3, "name": "c"}},
        {"metric": {"id": 4, "name": "d"}, "type": "guardrail"},
        {"metric": {"id": 1, "name": "a"}, "type": "vanity"},
        {"metric": {"id": 1, "name": "a"}, "type": "guardrail"},
    ]
    report = await take(database, {"secondary_metrics": metrics})
    found = await rows(database, models.ExperimentMetric, "metric_id", "role", "position")

    assert sorted(found) == [
        (1, "GUARDRAIL", 0),
        (1, "SECONDARY", 2),
        (2, "SECONDARY", 4),
        (3, "SECONDARY", 1),
        (4, "GUARDRAIL", 1),
    ]
    assert report.unknown_words == {("secondary_metrics.type", "vanity"): 1}
    assert await rows(database, models.Experiment, "details") == [
        {"secondary_metrics": [{}, {}, {}, {}, {"type": "vanity"}, {}]}
    ]


async def test_applications_keep_their_version_as_text(database: Database) -> None:
    ios = {"application_id": 3, "application_version": 0, "application": {"id": 3, "name": "ios"}}
    await take(database, {"applications": [ios]})

    assert await rows(database, models.ExperimentApplication, "application_version") == ["0"]


async def test_tags_have_ids_of_their_own_in_each_family(database: Database) -> None:
    metric = {"id": 20, "name": "m", "tags": [{"id": 1, "tag": "metric's"}]}
    metric["goal"] = {"id": 70, "name": "g", "tags": [{"goal_tag_id": 1}]}
    tags = [{"experiment_tag_id": 1, "experiment_tag": {"id": 1, "tag": "experiment's"}}]
    await take(database, {"experiment_tags": tags, "primary_metric": metric})

    assert await rows(database, models.Tag, "kind", "external_id", "tag") == [
        ("EXPERIMENT", "1", "experiment's"),
        ("METRIC", "1", "metric's"),
    ]
    assert await rows(database, models.Reference, "field", "target_external_id") == [
        ("goal_tag", "1")
    ]


async def test_scheduled_actions_are_the_platforms_own(database: Database) -> None:
    actions = [
        {"id": 1, "action": "start", "scheduled_at": said(5), "note": "go"},
        {"id": 2, "action": "start", "scheduled_at": said(4)},
        {"id": 3, "action": "start", "scheduled_at": said(1), "executed_at": said(1)},
        {"id": 4, "action": "stop", "scheduled_at": said(2), "reason": "testing"},
        {"id": 5, "action": "dance", "scheduled_at": said(3)},
    ]
    columns = ("external_id", "action", "native_action", "origin", "state")
    report = await take(database, {"state": "ready", "scheduled_actions": actions})
    assert await rows(database, models.ScheduledAction, *columns) == [
        ("1", Action.START, "start", "UPSTREAM", "PENDING"),
        ("2", Action.START, "start", "UPSTREAM", "PENDING"),
        ("3", Action.START, "start", "UPSTREAM", "DONE"),
        ("4", Action.STOP, "stop", "UPSTREAM", "PENDING"),
        ("5", None, "dance", "UPSTREAM", "PENDING"),
    ]
    assert await rows(database, models.Experiment, "start_scheduled_at") == [day(4)]
    assert report.unknown_words == {("scheduled_actions.action", "dance"): 1}

    await take(database, {"state": "ready", "scheduled_actions": actions[:1]})
    assert await rows(database, models.ScheduledAction, "external_id", "note") == [("1", "go")]
    assert await rows(database, models.Experiment, "start_scheduled_at") == [day(5)]


async def test_our_own_schedule_is_left_alone(database: Database) -> None:
    await take(database, {"scheduled_actions": [{"id": 1, "action": "stop"}]})
    async with database.write() as session:
        session.add(models.ScheduledAction(experiment_id=1, action=Action.START))
    await take(database, {"scheduled_actions": []})

    assert await rows(database, models.ScheduledAction, "origin") == ["GATEWAY"]


async def test_a_report_is_the_outcome(database: Database) -> None:
    report = {
        "type": "full_on",
        "stop_reason": "hypothesis_rejected",
        "full_on_variant": 1,
        "experiment_note": {"id": 8, "experiment_id": 0, "note": "It won", "action": "full_on"},
    }
    await take(database, {"experiment_report": report})

    columns = ("conclusion", "stop_reason", "winner_variant", "outcome_comment")
    assert await rows(database, models.Experiment, *columns) == [
        ("full_on", "hypothesis_rejected", 1, "It won")
    ]
    assert await rows(database, models.Experiment, "details") == [{"report_type": "full_on"}]
    assert await rows(database, models.Note, "external_id", "action", "experiment_id") == [
        ("8", "FULL_ON", 1)
    ]


@pytest.mark.parametrize("keyed", [False, True], ids=["rows", "by field"])
async def test_custom_fields_are_fields_of_the_company(
    database: Database,
    keyed: bool,  # noqa: FBT001
) -> None:
    field = {"id": 5, "title": "Risk", "type": "text", "custom_section": {"id": 1, "title": "Plan"}}
    value = {"type": "text", "value": "low", "custom_section_field": field}
    listed = [{"experiment_custom_section_field_id": 5, **value}]
    await take(database, {"custom_section_field_values": {"5": value} if keyed else listed})

    assert await rows(database, models.CustomField, "external_id", "title", "section") == [
        ("5", "Risk", "Plan")
    ]
    assert await rows(database, models.CustomFieldValue, "field_id", "type", "value") == [
        (1, "text", "low")
    ]


async def test_what_only_absmartly_has_is_in_the_details(database: Database) -> None:
    await take(
        database,
        {
            "analysis_type": "group_sequential",
            "required_alpha": 0.1,
            "group_sequential_analysis_count": "3",
            "feature_on_at": 1742472000000,
            "template_permission": {"percentages": "locked"},
            "experiment_task_states": [],
            "recommended_action": {},
            "split": [0.5, 0.5],
        },
    )
    [document] = await rows(database, models.Experiment, "details")

    assert document == {
        "analysis_type": "group_sequential",
        "required_alpha": "0.1",
        "group_sequential_analysis_count": 3,
        "feature_on_at": "2025-03-20T12:00:00.000000+00:00",
        "template_permission": {"percentages": "locked"},
        "experiment_task_states": [],
        "split": [0.5, 0.5],
    }
    details = details_of(Platform.ABSMARTLY, document)
    assert isinstance(details, AbsmartlyDetails)
    assert details.feature_on_at == day(0)
    assert details.extra == {"split": [0.5, 0.5]}


async def test_unknown_keys_are_kept_verbatim_and_counted(database: Database) -> None:
    unknown = {"deep": [1, {"er": "é"}], "number": 0.1, "nothing": None}
    report = await take(
        database,
        {"novelty": unknown, "owners": [{"user": {"id": 1, "email": "a@b.c", "mood": "good"}}]},
        {"id": 2, "name": "b", "novelty": 1, "variants": [{"variant": 0, "shape": "round"}]},
    )

    assert report.unknown_keys == {
        ("experiment", "novelty"): 2,
        ("user", "mood"): 1,
        ("variants", "shape"): 1,
    }
    assert await rows(database, models.Experiment, "details") == [
        {"novelty": unknown},
        {"novelty": 1, "variants": [{"shape": "round"}]},
    ]
    assert await rows(database, models.User, "extra") == [{"mood": "good"}]


async def test_what_is_kept_stays_until_it_is_said_anew(database: Database) -> None:
    await take(database, {"a": 1, "b": 2, "variants": [{"variant": 0, "shape": "round"}]})
    await take(database, {"b": 3, "variants": [{"variant": 0}]})

    assert await rows(database, models.Experiment, "details", "version") == [({"a": 1, "b": 3}, 2)]


async def test_null_is_said_and_silence_is_not(database: Database) -> None:
    first = {"description": "old", "hypothesis": "old", "unit_type": {"id": 1, "name": "user"}}
    await take(database, {**first, "archived": True, "stop_at": said(1)})
    await take(database, {"description": None, "archived": None, "unit_type": {}, "stop_at": None})

    columns = ("description", "hypothesis", "archived", "unit_type_id", "stopped_at")
    assert await rows(database, models.Experiment, *columns) == [(None, "old", True, 1, None)]

    await take(database, {"unit_type": None, "unit_type_id": None})
    assert await rows(database, models.Experiment, "unit_type_id") == [None]


async def test_documents_that_come_as_values_are_kept_as_text(database: Database) -> None:
    audience: dict[str, Any] = {"filter": [{"and": []}]}
    await take(
        database,
        {
            "audience": audience,
            "variants": [{"variant": 0, "config": {"a": 1}}, {"variant": 1, "config": '{"a": 1}'}],
        },
    )

    assert await rows(database, models.Experiment, "audience") == ['{"filter":[{"and":[]}]}']
    assert await rows(database, models.Variant, "config") == ['{"a":1}', '{"a": 1}']


async def test_the_sample_size_goes_when_it_is_said_to_be_none(database: Database) -> None:
    columns = ("required_sample_size", "reached_at")
    await take(database, {"sample_size": {"required_sample_size": "9000000000"}})
    assert await rows(database, models.SampleSize, *columns) == [(9_000_000_000, None)]

    await take(database, {"sample_size": {}})
    assert await rows(database, models.SampleSize, *columns) == [(9_000_000_000, None)]

    await take(database, {"sample_size": None})
    assert await rows(database, models.SampleSize, *columns) == []


async def test_numbers_are_compared_by_value(database: Database) -> None:
    await take(database, {"minimum_detectable_effect": "0.1", "percentage_of_traffic": 100})
    report = await take(
        database, {"minimum_detectable_effect": "0.100", "percentage_of_traffic": "100.0"}
    )

    assert report.outcomes == {("experiment", "unchanged"): 1}


async def test_a_template_that_is_hardly_said_is_not_made_up(database: Database) -> None:
    parent = {"parent_experiment_id": 9, "parent_experiment": {"archived": False}}
    report = await take(database, parent)
    assert report.reasons == {("experiment", "it is not known yet, and nothing says its key"): 1}
    assert await rows(database, models.Experiment, "external_id", "template_id") == [("1", None)]

    await take(database, {"id": 9, "name": "template", "type": "test_template"})
    assert await rows(database, models.Experiment, "key", "type", "template_id") == [
        ("checkout", "TEST", 2),
        ("template", "TEST_TEMPLATE", None),
    ]
