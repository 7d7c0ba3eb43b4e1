"""What becomes of PostHog's experiments, as the graph shows them."""

import copy
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.importing import payload, rows, take
from tests.making import ask

EVERYTHING = """{
  experiments(where: {externalId: {eq: "41"}}) { nodes {
    key name description type nativeType platform externalId url iteration version
    phase status nativeState pauseEffect archived deleted createdAt updatedAt
    release { variantIndex } outcome { conclusion } startedAt firstStartedAt stoppedAt
    createdBy { externalId email firstName lastName department extra }
    variantCount percentages split percentageOfTraffic
    variants { index key name isControl weight config extra }
    featureFlag { externalId key name active filters extra }
    holdout {
      externalId name description exclusionPercentage filters createdBy { email department }
    }
    exposureCriteria statsConfig minimumDetectableEffect sampleSize { requiredSampleSize }
    primaryMetric { externalId name type nativeType effect goal { name } definition }
    secondaryMetrics { role position metric {
      externalId name type effect valueSourceProperty
      goal { name externalId } denominatorGoal { name }
    } }
    savedMetrics { role position metadata metric { externalId name query } }
    tags { tag kind }
    goals(orderBy: [{name: ASC}]) { nodes { name } }
    details { ... on PosthogDetails {
      parameters metrics metricsSecondary secondaryMetrics filters
      primaryMetricsOrderedUuids secondaryMetricsOrderedUuids
      schedulingConfig runningTimeCalculation exposureCohort exposurePreaggregationEnabled
      onlyCountMaturedUsers userAccessLevel isLegacy platformVersion extra
    } }
  } }
}"""

SAID: dict[str, Any] = payload("posthog/experiments")["results"][0]

RATIO, FUNNEL = SAID["metrics"]
PREFIX = "9a000000-0000-4000-8000-00000000000"


def arm(index: int, key: str, name: str, weight: float, config: Any = None) -> dict[str, Any]:
    said = {"index": index, "key": key, "name": name, "weight": weight, "config": config}
    return {**said, "isControl": key == "control", "extra": None}


def measured(identity: str, name: str, **said: Any) -> dict[str, Any]:
    common = {"externalId": identity, "name": name, "effect": "POSITIVE"}
    return common | {"valueSourceProperty": None, "denominatorGoal": None} | said


EXPECTED: dict[str, Any] = {
    "key": "shorter-checkout",
    "name": "Shorter checkout",
    "description": "One page instead of three.",
    "type": "PRODUCT",
    "nativeType": "product",
    "platform": "POSTHOG",
    "externalId": "41",
    "url": None,
    "iteration": 1,
    "version": 1,
    "phase": "RUNNING",
    "status": "RUNNING",
    "nativeState": "running",
    "pauseEffect": None,
    "archived": False,
    "deleted": False,
    "createdAt": "2026-05-01T09:30:00.123456Z",
    "updatedAt": "2026-05-05T10:00:00.000Z",
    "release": None,
    "outcome": None,
    "startedAt": "2026-05-04T08:00:00.000Z",
    "firstStartedAt": "2026-05-04T08:00:00.000Z",
    "stoppedAt": None,
    "createdBy": {
        "externalId": "2",
        "email": "ada@shop.example",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "department": "engineering",
        "extra": {
            "uuid": "0196a5e4-1c5d-0000-8b8c-31ae10f6d7d7",
            "distinct_id": "person-2",
            "is_email_verified": True,
            "hedgehog_config": {"use_as_profile": False},
        },
    },
    "variantCount": 3,
    "percentages": "34/33/33",
    "split": [0.34, 0.33, 0.33],
    "percentageOfTraffic": 80.0,
    "variants": [
        arm(0, "control", "Three pages", 34.0),
        arm(1, "one-page", "One page", 33.0, {"pages": 1}),
        arm(2, "two-pages", "Two pages", 33.0, {"pages": 2}),
    ],
    "featureFlag": {
        "externalId": "901",
        "key": "shorter-checkout",
        "name": "Feature Flag for Experiment Shorter checkout",
        "active": True,
        "filters": SAID["feature_flag"]["filters"],
        "extra": {
            "team_id": 7,
            "deleted": False,
            "ensure_experience_continuity": True,
            "has_encrypted_payloads": False,
            "version": 3,
        },
    },
    "holdout": {
        "externalId": "5",
        "name": "Winter holdout",
        "description": "Sees nothing new this winter.",
        "exclusionPercentage": 10.0,
        "filters": [{"properties": [], "rollout_percentage": 10, "variant": "holdout-5"}],
        "createdBy": {"email": "grace@shop.example", "department": "data"},
    },
    "exposureCriteria": SAID["exposure_criteria"],
    "statsConfig": SAID["stats_config"],
    "minimumDetectableEffect": "4.5",
    "sampleSize": {"requiredSampleSize": 15000},
    "primaryMetric": {
        "externalId": f"41/{PREFIX}2",
        "name": "Checkout completed",
        "type": "FUNNEL",
        "nativeType": "funnel",
        "effect": "POSITIVE",
        "goal": {"name": "order placed"},
        "definition": FUNNEL,
    },
    "secondaryMetrics": [
        {
            "role": "PRIMARY",
            "position": 1,
            "metric": measured(
                "saved/15",
                "Revenue per user",
                type="MEAN",
                valueSourceProperty="amount",
                goal={"name": "order placed", "externalId": None},
            ),
        },
        {
            "role": "PRIMARY",
            "position": 2,
            "metric": measured(
                f"41/{PREFIX}1",
                "Items per order",
                type="RATIO",
                goal={"name": "item added", "externalId": None},
                denominatorGoal={"name": "order placed"},
            ),
        },
        {
            "role": "SECONDARY",
            "position": 0,
            "metric": measured(
                "saved/16",
                "Comes back",
                type="RETENTION",
                goal={"name": "Came back", "externalId": "action/12"},
                denominatorGoal={"name": "order placed"},
            ),
        },
        {
            "role": "SECONDARY",
            "position": 1,
            "metric": measured(
                f"41/{PREFIX}3",
                "support_tickets",
                type="MEAN",
                effect="NEGATIVE",
                goal={"name": "support_tickets", "externalId": "table/support_tickets"},
            ),
        },
    ],
    "savedMetrics": [
        {
            "role": role.upper(),
            "position": place,
            "metadata": {"type": role},
            "metric": {
                "externalId": str(15 + place),
                "name": SAID["saved_metrics"][place]["name"],
                "query": SAID["saved_metrics"][place]["query"],
            },
        }
        for place, role in enumerate(("primary", "secondary"))
    ],
    "tags": [{"tag": tag, "kind": "EXPERIMENT"} for tag in ("checkout", "q2")],
    "goals": {
        "nodes": [
            {"name": name}
            for name in ("Came back", "item added", "order placed", "support_tickets")
        ]
    },
    "details": {
        "parameters": SAID["parameters"],
        "metrics": SAID["metrics"],
        "metricsSecondary": SAID["metrics_secondary"],
        "secondaryMetrics": [],
        "filters": None,
        "primaryMetricsOrderedUuids": SAID["primary_metrics_ordered_uuids"],
        "secondaryMetricsOrderedUuids": SAID["secondary_metrics_ordered_uuids"],
        "schedulingConfig": {"review": "fortnightly"},
        "runningTimeCalculation": SAID["running_time_calculation"],
        "exposureCohort": 4011,
        "exposurePreaggregationEnabled": True,
        "onlyCountMaturedUsers": True,
        "userAccessLevel": "editor",
        "isLegacy": False,
        "platformVersion": 12,
        "extra": {
            "saved_metrics_ids": SAID["saved_metrics_ids"],
            "resolved_exposure_event": {"event": "checkout opened"},
            "saved_metrics": [
                {"id": 61, "created_at": "2026-05-01T10:00:00Z"},
                {"id": 62, "created_at": "2026-05-01T10:00:01Z"},
            ],
        },
    },
}


async def test_everything_that_an_experiment_says_is_in_the_graph(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, payload("posthog/experiments"))
    answer = await ask(client, EVERYTHING)

    assert answer["nodes"] == [EXPECTED]
    assert list(report.remarks()) == []


async def test_every_primary_metric_leads_back_to_the_experiment(
    database: Database, client: httpx.AsyncClient
) -> None:
    await take(database, payload("posthog/experiments"))
    query = """{ metrics(orderBy: [{name: ASC}]) { nodes {
        name primary: experiments(role: PRIMARY) { nodes { key } }
        secondary: experiments(role: SECONDARY) { totalCount }
    } } }"""
    found = (await ask(client, query))["nodes"]

    here: dict[str, Any] = {"nodes": [{"key": "shorter-checkout"}]}
    assert {each["name"]: each["primary"] for each in found} == {
        "Checkout completed": here,
        "Comes back": {"nodes": []},
        "Items per order": here,
        "Revenue per user": here,
        "support_tickets": {"nodes": []},
    }
    assert [each["secondary"]["totalCount"] for each in found] == [0, 1, 0, 0, 1]


# --- States


START, END = "2026-05-04T08:00:00Z", "2026-05-09T08:00:00Z"
BEGUN = {"start_date": START, "end_date": None}


def said(**more: Any) -> dict[str, Any]:
    """An experiment that says little."""
    return {"id": 7, "name": "Search", "feature_flag_key": "search", **more}


def flagged(*shares: Any, active: bool = True, **more: Any) -> dict[str, Any]:
    """A flag that splits like this, between variants called 0, 1 and so on."""
    variants = [{"key": f"{n}", "rollout_percentage": share} for n, share in enumerate(shares)]
    filters = {"multivariate": {"variants": variants}}
    return {"id": 70, "key": "search", "active": active, "filters": filters, **more}


STATES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"status": "draft"}, "DRAFT", "draft", "DRAFT"),
    ({"status": "running"}, "RUNNING", "running", "RUNNING"),
    ({"status": "paused"}, "PAUSED", "paused", "PAUSED"),
    ({"status": "exposure_frozen"}, "FROZEN", "exposure_frozen", "FROZEN"),
    ({"status": "stopped"}, "STOPPED", "stopped", "STOPPED"),
    ({"status": "complete"}, "STOPPED", "complete", "STOPPED"),
    ({"status": "paused", **BEGUN, "feature_flag": flagged()}, "PAUSED", "paused", "PAUSED"),
    ({"status": "running", "start_date": None}, "RUNNING", "running", "RUNNING"),
    ({"start_date": None, "end_date": None}, "DRAFT", "draft", "DRAFT"),
    (BEGUN, "RUNNING", "running", "RUNNING"),
    ({**BEGUN, "feature_flag": flagged(active=False)}, "PAUSED", "paused", "PAUSED"),
    ({**BEGUN, "feature_flag": flagged()}, "RUNNING", "running", "RUNNING"),
    ({"start_date": START, "end_date": END, "feature_flag": flagged(active=False)},
     "STOPPED", "stopped", "STOPPED"),
    ({"status": None, **BEGUN}, "RUNNING", "running", "RUNNING"),
    ({"status": "stopped", "archived": True}, "STOPPED", "stopped", "ARCHIVED"),
    ({"status": "stopped", "archived": True, "deleted": True}, "STOPPED", "stopped", "DELETED"),
    ({"status": "draft", "deleted": True}, "DRAFT", "draft", "DELETED"),
    ({"status": "draft", "deleted": None, "archived": None}, "DRAFT", "draft", "DRAFT"),
    ({}, "DRAFT", "", "DRAFT"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "phase", "native", "status"), STATES, ids=[str(place) for place in range(len(STATES))]
)
async def test_a_state_is_told_by_what_says_most(
    database: Database,
    client: httpx.AsyncClient,
    more: dict[str, Any],
    phase: str,
    native: str,
    status: str,
) -> None:
    report = await take(database, said(**more))
    query = "{ experiments { nodes { phase nativeState status pauseEffect } } }"
    [found] = (await ask(client, query))["nodes"]

    effect = "DEFAULT_EXPERIENCE" if phase == "PAUSED" else None
    assert found == {
        "phase": phase,
        "nativeState": native or None,
        "status": status,
        "pauseEffect": effect,
    }
    assert report.unknown_words == {}


async def test_an_unknown_status_is_judged_by_the_dates_kept_and_counted(
    database: Database,
) -> None:
    report = await take(database, said(status="hibernating", **BEGUN))

    assert await rows(database, m.Experiment, "phase", "native_state") == [
        ("RUNNING", "hibernating")
    ]
    assert report.unknown_words == {("experiment.status", "hibernating"): 1}


async def test_a_deletion_has_the_date_of_the_last_change_and_keeps_it(database: Database) -> None:
    deleted = said(status="draft", deleted=True, updated_at=START)
    await take(database, deleted, deleted | {"updated_at": END})
    assert await rows(database, m.Experiment, "deleted_at") == [datetime(2026, 5, 4, 8, tzinfo=UTC)]

    await take(database, deleted | {"deleted": False, "updated_at": END})
    assert await rows(database, m.Experiment, "deleted_at") == [None]


async def test_a_deletion_without_any_date_is_not_made_anew_by_every_import(
    database: Database,
) -> None:
    await take(database, said(deleted=True))
    [at] = await rows(database, m.Experiment, "deleted_at")
    report = await take(database, said(deleted=True))

    assert at is not None
    assert await rows(database, m.Experiment, "deleted_at") == [at]
    assert report.outcomes == {("experiment", "unchanged"): 1}


# --- What was shipped


OVER = {"start_date": START, "end_date": END, "status": "stopped"}


@pytest.mark.parametrize(
    ("more", "released"),
    [
        ({**OVER, "feature_flag": flagged(0, 100)}, 1),
        ({**OVER, "feature_flag": flagged(100, 0, 0)}, 0),
        ({**OVER, "feature_flag": flagged(0, 100, active=False)}, 1),
        ({**OVER, "feature_flag": flagged(50, 50)}, None),
        ({**OVER, "feature_flag": flagged(100)}, None),
        ({**OVER, "feature_flag": flagged(100, None)}, None),
        ({**OVER, "feature_flag": flagged("all", 0)}, None),
        ({**OVER, "feature_flag": None}, None),
        ({**BEGUN, "feature_flag": flagged(0, 100)}, None),
        ({"start_date": None, "feature_flag": flagged(0, 100)}, None),
    ],
)
async def test_a_variant_that_everybody_gets_after_the_end_was_shipped(
    database: Database, client: httpx.AsyncClient, more: dict[str, Any], released: int | None
) -> None:
    await take(database, said(**more))
    query = "{ experiments { nodes { release { variantIndex at mode } outcome { winner } } } }"
    [found] = (await ask(client, query))["nodes"]

    if released is None:
        assert found == {"release": None, "outcome": None}
    else:
        shipped = {"at": "2026-05-09T08:00:00.000Z", "mode": "SHIPPED_AND_STOPPED"}
        assert found["release"] == {"variantIndex": released, **shipped}
        assert found["outcome"] == {"winner": released}


async def test_what_was_shipped_leaves_the_split_of_the_design(database: Database) -> None:
    design = [{"key": "0", "split_percent": 50}, {"key": "1", "split_percent": 50}]
    parameters = {"feature_flag_variants": design}
    await take(database, said(**OVER, feature_flag=flagged(0, 100), parameters=parameters))

    assert await rows(database, m.Variant, "key", "weight") == [("0", 50.0), ("1", 50.0)]
    assert await rows(database, m.Experiment, "percentages", "full_on_variant") == [("50/50", 1)]


async def test_a_release_that_was_taken_back_is_none(database: Database) -> None:
    await take(
        database,
        said(**OVER, feature_flag=flagged(0, 100)),
        said(**OVER, feature_flag=flagged(50, 50)),
    )
    columns = ("full_on_at", "full_on_variant", "release_mode", "winner_variant")
    assert await rows(database, m.Experiment, *columns) == [(None, None, None, None)]


# --- Variants


def arms(*keys: str, **more: Any) -> dict[str, Any]:
    """An experiment with these variants, each with an equal share."""
    share = 100 / len(keys)
    variants = [{"key": key, "split_percent": share} for key in keys]
    return said(parameters={"feature_flag_variants": variants}, **more)


@pytest.mark.parametrize(
    ("more", "control"),
    [
        (arms("test", "control"), "control"),
        (arms("blue", "green"), "blue"),
        (arms("Control", "green"), "Control"),
        (arms("control", "green", stats_config={"baseline_variant_key": "green"}), "green"),
        (arms("control", "green", stats_config={"baseline_variant_key": "gone"}), "control"),
        (arms("blue", "green", stats_config={"baseline_variant_key": 5}), "blue"),
    ],
)
async def test_one_variant_is_what_the_others_are_compared_with(
    database: Database, more: dict[str, Any], control: str
) -> None:
    await take(database, more)
    found = await rows(database, m.Variant, "key", "is_control")

    assert [key for key, is_control in found if is_control] == [control]


async def test_variants_keep_their_rows_when_they_change_places(database: Database) -> None:
    await take(database, arms("control", "blue", "green"))
    before = dict(await rows(database, m.Variant, "key", "id"))
    report = await take(database, arms("green", "control", "red"))
    found = {
        key: (at, row) for key, at, row in await rows(database, m.Variant, "key", "index", "id")
    }

    assert found == {
        "green": (0, before["green"]),
        "control": (1, before["control"]),
        "red": (2, max(at for _, at in found.values())),
    }
    assert await rows(database, m.Experiment, "version", "variant_count") == [(2, 3)]
    assert report.outcomes[("experiment", "updated")] == 1

    report = await take(database, arms("green", "control", "red"))
    assert {how for _, how in report.outcomes} == {"unchanged"}


async def test_a_list_that_says_nothing_leaves_the_variants(database: Database) -> None:
    await take(database, arms("control", "test"))
    silent: list[Any] = [None, {}, {"feature_flag_variants": None}, {"feature_flag_variants": []}]
    await take(database, *(said(parameters=parameters) for parameters in silent))

    assert await rows(database, m.Variant, "key") == ["control", "test"]


async def test_a_variant_that_is_listed_twice_or_has_no_key_is_taken_once(
    database: Database,
) -> None:
    variants = [{"key": "a", "split_percent": 50}, {"key": "a", "name": "again"}, {"name": "b"}]
    report = await take(database, said(parameters={"feature_flag_variants": variants}))

    assert await rows(database, m.Variant, "key", "index", "is_control") == [("a", 0, True)]
    assert await rows(database, m.Experiment, "variant_count", "percentages") == [(1, "50")]
    assert report.reasons == {("variant", "it has neither an id nor a name"): 1}


# --- Metrics


SOURCE = {"kind": "EventsNode", "event": "paid"}
MEAN = {"kind": "ExperimentMetric", "metric_type": "mean", "source": SOURCE}


def measuring(*metrics: Any, secondary: Any = (), **more: Any) -> dict[str, Any]:
    """An experiment that says all its metrics, and shares none."""
    lists = {"metrics": list(metrics), "metrics_secondary": list(secondary)}
    return said(**lists, saved_metrics=[], **more)


async def test_a_uuid_counts_within_its_experiment(database: Database) -> None:
    metric = MEAN | {"uuid": "u-1", "name": "Paid"}
    await take(database, measuring(metric), measuring(metric | {"name": "Other"}) | {"id": 8})
    await take(database, measuring(metric | {"name": "Paid in full", "goal": "decrease"}))

    assert await rows(database, m.Metric, "external_id", "name", "effect") == [
        ("7/u-1", "Paid in full", "NEGATIVE"),
        ("8/u-1", "Other", "POSITIVE"),
    ]


async def test_without_a_uuid_a_metric_is_known_by_what_it_measures(database: Database) -> None:
    await take(database, measuring(MEAN), measuring(MEAN | {"fingerprint": "f", "version": 2}))
    [(first, name)] = await rows(database, m.Metric, "id", "name")
    other = MEAN | {"source": SOURCE | {"event": "refunded"}}
    await take(database, measuring(other))

    assert name == "paid"
    assert await rows(database, m.Metric, "name") == ["paid", "refunded"]
    assert await rows(database, m.Experiment, "primary_metric_id") == [first + 1]


@pytest.mark.parametrize(
    ("definition", "name", "kind", "goals"),
    [
        (MEAN, "paid", "MEAN", ("paid", None)),
        (MEAN | {"source": {"kind": "EventsNode", "event": None}}, "any event", "MEAN",
         (None, None)),
        (MEAN | {"source": {"kind": "ActionsNode", "id": 4}}, "Action 4", "MEAN",
         ("Action 4", None)),
        (MEAN | {"source": SOURCE | {"custom_name": "Money"}}, "Money", "MEAN", ("paid", None)),
        ({"metric_type": "funnel", "series": [SOURCE, {"event": "thanked"}]}, "paid → thanked",
         "FUNNEL", ("thanked", None)),
        ({"metric_type": "ratio", "numerator": SOURCE, "denominator": {"event": "seen"}},
         "paid / seen", "RATIO", ("paid", "seen")),
        ({"metric_type": "retention", "start_event": SOURCE, "completion_event": {"event": "back"}},
         "paid → back", "RETENTION", ("back", "paid")),
        ({"kind": "ExperimentTrendsQuery", "count_query": {"series": [{"event": "paid"}]}}, "paid",
         "MEAN", ("paid", None)),
        ({"kind": "ExperimentFunnelsQuery",
          "funnels_query": {"series": [{"event": "seen"}, {"event": "paid"}]}}, "seen → paid",
         "FUNNEL", ("paid", None)),
        ({"metric_type": "median", "source": SOURCE}, "any event", "OTHER", (None, None)),
    ],
)  # fmt: skip
async def test_every_kind_of_metric_is_called_like_what_it_reads(
    database: Database,
    client: httpx.AsyncClient,
    definition: dict[str, Any],
    name: str,
    kind: str,
    goals: tuple[str | None, str | None],
) -> None:
    await take(database, measuring(definition))
    query = """{ experiments { nodes { primaryMetric {
        name type nativeType definition goal { name } denominatorGoal { name }
    } } } }"""
    [found] = (await ask(client, query))["nodes"]

    goal, denominator = ({"name": each} if each else None for each in goals)
    assert found["primaryMetric"] == {
        "name": name,
        "type": kind,
        "nativeType": definition.get("metric_type") or definition["kind"],
        "definition": definition,
        "goal": goal,
        "denominatorGoal": denominator,
    }


async def test_every_step_of_a_funnel_is_a_goal(database: Database) -> None:
    steps = [{"event": "seen"}, {"kind": "ActionsNode", "id": 4, "name": "Tried"}, SOURCE]
    await take(database, measuring({"metric_type": "funnel", "series": steps}))

    assert sorted(await rows(database, m.Goal, "name")) == ["Tried", "paid", "seen"]


async def test_a_list_of_metrics_replaces_the_last_and_parts_of_it_add(database: Database) -> None:
    one, two, three = (MEAN | {"uuid": f"u-{n}", "name": f"{n}"} for n in (1, 2, 3))
    links = ("metric_id", "role", "position")
    await take(database, measuring(one, two, secondary=[three]))
    assert await rows(database, m.ExperimentMetric, *links) == [
        (2, "PRIMARY", 1),
        (3, "SECONDARY", 0),
    ]

    await take(database, said(metrics_secondary=[two]))
    assert await rows(database, m.Experiment, "primary_metric_id") == [1]
    assert sorted(await rows(database, m.ExperimentMetric, *links)) == [
        (2, "PRIMARY", 1),
        (2, "SECONDARY", 2),
        (3, "SECONDARY", 0),
    ]

    await take(database, measuring(two))
    assert await rows(database, m.Experiment, "primary_metric_id") == [2]
    assert await rows(database, m.ExperimentMetric, *links) == []

    await take(database, measuring())
    assert await rows(database, m.Experiment, "primary_metric_id") == [None]


async def test_a_saved_metric_is_one_for_all_experiments(
    database: Database, client: httpx.AsyncClient
) -> None:
    query = MEAN | {"uuid": "u-9"}
    link = {"id": 1, "saved_metric": 15, "metadata": {"type": "primary"}, "query": query}
    link["name"] = "Money"
    documents = [measuring() | {"id": n, "saved_metrics": [link]} for n in (7, 8)]
    await take(database, *documents, payload("posthog/saved_metrics"))
    found = await ask(
        client,
        """{ savedMetrics { nodes {
            name description tags experiments { totalCount } createdBy { email } extra
        } } }""",
    )

    assert found["nodes"] == [
        {
            "name": "Revenue per user",
            "description": "In euros, without returns.",
            "tags": ["money"],
            "experiments": {"totalCount": 2},
            "createdBy": {"email": "ada@shop.example"},
            "extra": {"user_access_level": "editor"},
        }
    ]
    assert await rows(database, m.Metric, "external_id", "name", "description") == [
        ("saved/15", "Revenue per user", "In euros, without returns.")
    ]
    assert await rows(database, m.Experiment, "primary_metric_id") == [1, 1]


# --- Older answers, and answers that say less


async def test_an_answer_of_2025_is_taken_with_its_older_forms(
    database: Database, client: httpx.AsyncClient
) -> None:
    document = payload("posthog/experiment_2025")
    report = await take(database, document)
    query = """{ experiments { nodes {
        type nativeType phase nativeState percentages percentageOfTraffic minimumDetectableEffect
        sampleSize { requiredSampleSize } variants { key isControl weight }
        primaryMetric { name type }
        secondaryMetrics { role metric { name type nativeType } }
        details { ... on PosthogDetails { filters secondaryMetrics metricsSecondary } }
    } } }"""

    assert (await ask(client, query))["nodes"] == [
        {
            "type": "TEST",
            "nativeType": None,
            "phase": "PAUSED",
            "nativeState": "paused",
            "percentages": "34/33/33",
            "percentageOfTraffic": 100.0,
            "minimumDetectableEffect": "30",
            "sampleSize": None,
            "variants": [
                {"key": "control", "isControl": True, "weight": 34.0},
                {"key": "test-1", "isControl": False, "weight": 33.0},
                {"key": "test-2", "isControl": False, "weight": 33.0},
            ],
            "primaryMetric": {"name": "result clicked", "type": "FUNNEL"},
            "secondaryMetrics": [
                {
                    "role": "SECONDARY",
                    "metric": {
                        "name": "searched",
                        "type": "MEAN",
                        "nativeType": "ExperimentTrendsQuery",
                    },
                },
                {
                    "role": "SECONDARY",
                    "metric": {
                        "name": "searched → result clicked",
                        "type": "FUNNEL",
                        "nativeType": "ExperimentFunnelsQuery",
                    },
                },
            ],
            "details": {
                "filters": document["filters"],
                "secondaryMetrics": document["secondary_metrics"],
                "metricsSecondary": document["metrics_secondary"],
            },
        }
    ]
    assert list(report.remarks()) == []


@pytest.mark.parametrize("key", sorted(SAID.keys() - {"id", "name", "feature_flag_key"}))
@pytest.mark.parametrize("how", ["null", "missing"])
async def test_no_key_must_be_there(database: Database, key: str, how: str) -> None:
    document = copy.deepcopy(SAID)
    if how == "null":
        document[key] = None
    else:
        del document[key]
    report = await take(database, document)

    assert report.outcomes[("experiment", "created")] == 1
    assert report.reasons == {}


async def test_what_an_answer_does_not_say_is_kept(database: Database) -> None:
    await take(database, payload("posthog/experiments"))
    before = await rows(database, m.Experiment, "details", "percentages", "holdout_id", "phase")
    report = await take(database, {"id": 41, "feature_flag_key": "shorter-checkout",
                                   "description": "Said anew."})  # fmt: skip

    assert await rows(database, m.Experiment, "details", "percentages", "holdout_id", "phase") == (
        before
    )
    assert (await rows(database, m.Experiment, "description"))[0] == "Said anew."
    assert report.outcomes == {("experiment", "updated"): 1}


async def test_unknown_keys_and_types_are_kept_and_counted(database: Database) -> None:
    report = await take(database, said(type="mobile", colour="green"))

    assert await rows(database, m.Experiment, "type", "native_type", "details") == [
        ("OTHER", "mobile", {"colour": "green"})
    ]
    assert report.unknown_words == {("experiment.type", "mobile"): 1}
    assert report.unknown_keys == {("experiment", "colour"): 1}


async def test_an_experiment_names_its_holdout_before_it_comes(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, said(holdout_id=5, holdout=None))
    assert report.waiting == 1

    await take(database, payload("posthog/holdouts"))
    query = "{ holdouts { nodes { name exclusionPercentage experiments { nodes { key } } } } }"
    assert (await ask(client, query))["nodes"] == [
        {
            "name": "Winter holdout",
            "exclusionPercentage": 10.0,
            "experiments": {"nodes": [{"key": "search"}]},
        },
        {"name": "Nobody yet", "exclusionPercentage": None, "experiments": {"nodes": []}},
    ]

    await take(database, said(holdout_id=None, holdout=None))
    assert await rows(database, m.Experiment, "holdout_id") == [None]
