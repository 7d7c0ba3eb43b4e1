"""Results that name their experiment: PostHog's answers to queries, Checkmango's statistics."""

import copy
from decimal import Decimal
from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.importing import payload, rows, take
from tests.making import ask

EXPERIMENTS = payload("posthog/experiments")
BAYESIAN = payload("posthog/result_bayesian")
FREQUENTIST = payload("posthog/result_frequentist")

RESULTS = """{ experiments(where: {externalId: {eq: "%s"}}) { nodes { results {
  variantIndex variant { key } metric { name } unitCount value mean pValue
  impact impactLower impactUpper extra
} } } }"""


async def shown(client: httpx.AsyncClient, external_id: str) -> Any:
    [found] = (await ask(client, RESULTS % external_id))["nodes"]
    return found["results"]


def result(index: int, key: str, metric: str | None, units: int, **more: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("value", "mean", "pValue", "impact", "impactLower", "impactUpper"))
    said = {"variantIndex": index, "variant": {"key": key}, "unitCount": units, "extra": None}
    return said | nothing | {"metric": {"name": metric} if metric else None} | more


async def test_a_bayesian_answer_compares_every_variant_with_the_baseline(
    database: Database, client: httpx.AsyncClient
) -> None:
    report = await take(database, EXPERIMENTS, BAYESIAN)
    sides = [BAYESIAN["baseline"], BAYESIAN["variant_results"][0]]
    taken = {"key", "number_of_samples", "sum"}
    extras = [{key: said for key, said in side.items() if key not in taken} for side in sides]

    assert await shown(client, "41") == [
        result(0, "control", "Items per order", 1000, value="800", mean="2", extra=extras[0]),
        result(
            1,
            "one-page",
            "Items per order",
            1010,
            value="1000",
            mean="2.5",
            impact=0.25,
            impactLower=0.05,
            impactUpper=0.45,
            extra=extras[1],
        ),
    ]
    assert report.reasons == {
        ("variant", "it is not known yet, and nothing says its place"): 1,
        ("result", "a row of results does not say its variant"): 1,
    }


async def test_a_frequentist_answer_has_p_values(
    database: Database, client: httpx.AsyncClient
) -> None:
    await take(database, payload("posthog/experiment_2025"), FREQUENTIST)
    base, test = FREQUENTIST["baseline"], FREQUENTIST["variant_results"][0]

    assert await shown(client, "15") == [
        result(
            0,
            "control",
            "result clicked",
            200,
            value="50",
            mean="0.25",
            extra={key: base[key] for key in ("sum_squares", "step_counts", "validation_failures")},
        ),
        result(
            1,
            "test-1",
            "result clicked",
            200,
            value="60",
            mean="0.3",
            pValue=0.25,
            impact=0.2,
            impactLower=-0.1,
            impactUpper=0.5,
            extra={
                key: test[key]
                for key in (
                    *("sum_squares", "step_counts", "method", "confidence_interval"),
                    "significant",
                )
            },
        ),
    ]
    assert await rows(database, m.Result, "metric_id") == [1, 1]


async def test_a_legacy_answer_keeps_its_intervals_as_they_are(
    database: Database, client: httpx.AsyncClient
) -> None:
    await take(database, payload("posthog/experiment_2025"), payload("posthog/result_legacy"))

    assert await shown(client, "15") == [
        result(
            0,
            "control",
            None,
            200,
            value="25",
            mean="0.125",
            extra={
                "probability": 0.0004,
                "credible_interval": [0.1, 0.14],
                "expected_loss": 0.0001,
                "significance_code": "significant",
                "significant": True,
                "stats_version": 2,
            },
        ),
        result(
            1,
            "test-1",
            None,
            200,
            value="40",
            mean="0.2",
            extra={"probability": 0.9996, "credible_interval": [0.15, 0.2]},
        ),
    ]


async def test_the_results_of_one_metric_leave_those_of_others(database: Database) -> None:
    other = copy.deepcopy(BAYESIAN)
    other["metric"] = EXPERIMENTS["results"][0]["metrics"][1]
    fewer = BAYESIAN | {"variant_results": []}
    await take(database, EXPERIMENTS, BAYESIAN, other)
    assert await rows(database, m.Result, "metric_id", "variant_id") == [
        (3, 1), (3, 2), (1, 1), (1, 2),
    ]  # fmt: skip

    report = await take(database, fewer)
    assert await rows(database, m.Result, "metric_id", "variant_id") == [(3, 1), (1, 1), (1, 2)]
    assert report.outcomes[("experiment", "updated")] == 1

    report = await take(database, fewer)
    assert report.outcomes[("experiment", "unchanged")] == 1


async def test_results_of_a_shared_metric_are_those_of_the_saved_one(database: Database) -> None:
    shared = {**EXPERIMENTS["results"][0]["saved_metrics"][0]["query"]}
    shared |= {"isSharedMetric": True, "sharedMetricId": 15}
    await take(database, EXPERIMENTS, BAYESIAN | {"metric": shared})

    names = dict(await rows(database, m.Metric, "id", "external_id"))
    assert {names[row] for row in await rows(database, m.Result, "metric_id")} == {"saved/15"}


async def test_results_that_come_before_their_experiment_wait(
    database: Database, client: httpx.AsyncClient
) -> None:
    await take(database, EXPERIMENTS, BAYESIAN, source="in order")
    straight = await shown(client, "41")
    report = await take(database, BAYESIAN, source="the other way")
    assert ("experiment", "skipped") in report.outcomes
    await take(database, EXPERIMENTS, source="the other way")

    [one, other] = (await ask(client, RESULTS % "41"))["nodes"]
    assert one["results"] == other["results"] == straight


async def test_a_recalculation_brings_the_results_of_every_metric(database: Database) -> None:
    run = {
        "id": "0199cccc-0000-4000-8000-000000000001",
        "experiment_id": 41,
        "status": "completed",
        "total_metrics": 2,
        "results": {"a": BAYESIAN, "b": BAYESIAN | {"metric": {"metric_type": "mean"}}, "c": None},
    }
    await take(database, EXPERIMENTS, run)

    assert await rows(database, m.Result, "variant_id") == [1, 2, 1, 2]


async def test_variants_that_change_places_take_their_results_along(database: Database) -> None:
    await take(database, EXPERIMENTS, BAYESIAN)
    changed = copy.deepcopy(EXPERIMENTS["results"][0])
    changed["parameters"]["feature_flag_variants"].reverse()
    await take(database, changed)

    assert await rows(database, m.Result, "variant_id", "variant_index") == [(1, 2), (2, 1)]


async def test_exposures_are_counted_over_all_variants(
    database: Database, client: httpx.AsyncClient
) -> None:
    document = payload("posthog/exposures")
    await take(database, EXPERIMENTS, document)
    query = """{ experiments(where: {externalId: {eq: "41"}}) { nodes {
        exposures { environment unitCount firstExposureAt lastExposureAt }
        details { ... on PosthogDetails { extra } }
    } } }"""
    [found] = (await ask(client, query))["nodes"]

    assert found["exposures"] == [
        {
            "environment": None,
            "unitCount": 3012,
            "firstExposureAt": "2026-05-04T08:00:00.000Z",
            "lastExposureAt": None,
        }
    ]
    assert found["details"]["extra"]["exposures"] == {
        key: document[key] for key in ("total_exposures", "timeseries", "date_range")
    }


async def test_an_answer_that_names_no_experiment_says_nothing(database: Database) -> None:
    report = await take(database, {k: v for k, v in BAYESIAN.items() if k != "experiment_id"})

    assert await rows(database, m.Result, "id") == []
    assert report.reasons[("experiment", "it has neither an id nor a name")] == 1


@pytest.mark.parametrize(
    ("side", "mean"),
    [
        ({"number_of_samples": 0, "sum": 5}, None),
        ({"number_of_samples": 3, "sum": None}, None),
        ({"number_of_samples": 3, "sum": 1}, "0.33333333333333333"),
        ({"number_of_samples": 3, "sum": 1, "denominator_sum": 4}, "0.25"),
    ],
)
async def test_a_mean_is_only_said_where_it_can_be_computed(
    database: Database, side: dict[str, Any], mean: str | None
) -> None:
    baseline = {"key": "control", **side}
    await take(database, EXPERIMENTS, BAYESIAN | {"baseline": baseline, "variant_results": []})
    found = await rows(database, m.Result, "mean")

    assert [None if each is None else str(each) for each in found] == [mean]


# --- Checkmango


STATISTICS = payload("checkmango/statistics")


async def test_a_statistic_is_the_result_of_one_variant_and_one_event(
    database: Database, client: httpx.AsyncClient
) -> None:
    await take(database, payload("checkmango/experiments"), STATISTICS)
    first, second = (each["attributes"] for each in STATISTICS["data"])
    kept = ("count_conversion_rate", "unique_conversion_rate", "power", "z_score", "confidence")

    assert await shown(client, "31") == [
        result(1, "SHORT", "ORDER_PLACED", 0, mean="0.18", pValue=0.021, impact=0.125)
        | {"unitCount": None, "extra": {key: first[key] for key in kept}},
        result(1, "SHORT", "BANNER_CLOSED", 0, mean="0.5")
        | {"unitCount": None, "extra": {key: second[key] for key in kept}},
    ]


async def test_a_newer_statistic_replaces_that_of_its_variant_and_event(
    database: Database,
) -> None:
    newer = copy.deepcopy(STATISTICS["data"][0])
    newer["attributes"]["uplift"] = 0.25
    other = copy.deepcopy(newer)
    other["attributes"]["variant_id"] = 71
    await take(database, payload("checkmango/experiments"), STATISTICS, {"data": [newer, other]})

    assert await rows(database, m.Result, "metric_id", "variant_index", "impact") == [
        (1, 1, 0.25), (2, 1, None), (1, 0, 0.25),
    ]  # fmt: skip


async def test_statistics_come_before_everything_that_they_name(database: Database) -> None:
    report = await take(database, STATISTICS)
    assert await rows(database, m.Metric, "external_id", "name") == [("51", "ORDER_PLACED")]
    assert report.outcomes[("experiment", "skipped")] == 1

    await take(database, payload("checkmango/experiments"))
    assert await rows(database, m.Metric, "external_id", "name", "type") == [
        ("51", "ORDER_PLACED", "UNIQUE"),
        ("52", "BANNER_CLOSED", "COUNT"),
    ]
    assert await rows(database, m.Result, "metric_id", "variant_index", "impact") == [
        (1, 1, 0.125),
        (2, 1, None),
    ]
    assert await rows(database, m.Variant, "external_id", "key", "index") == [
        ("72", "SHORT", 1),
        ("71", "CONTROL", 0),
    ]


async def test_results_of_events_that_nobody_knows_are_told_apart(database: Database) -> None:
    unnamed = [copy.deepcopy(STATISTICS["data"][1]) for _ in range(2)]
    unnamed[1]["attributes"] |= {"event_id": 53, "count_conversion_rate": 0.25}
    basket = {"data": payload("checkmango/experiments")["data"][0]}
    await take(database, basket, {"data": unnamed})
    assert await rows(database, m.Result, "metric_id", "mean") == [
        (None, Decimal("0.5")), (None, Decimal("0.25")),
    ]  # fmt: skip

    unnamed[1]["attributes"]["count_conversion_rate"] = 0.75
    await take(database, {"data": unnamed[1]})
    assert await rows(database, m.Result, "id", "mean") == [
        (1, Decimal("0.5")), (2, Decimal("0.75")),
    ]  # fmt: skip

    await take(database, {"data": [unnamed[0]], "included": payload("checkmango/events")["data"]})
    assert await rows(database, m.Result, "metric_id", "mean") == [
        (None, Decimal("0.5")), (2, Decimal("0.75")),
    ]  # fmt: skip
    assert (await rows(database, m.Metric, "external_id"))[1] == "53"
