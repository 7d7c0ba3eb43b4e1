"""What a noun's fields must be, as its platform has it; a refusal changes nothing."""

from typing import Any

import httpx
import pytest

import models as m
from models.database import Database
from tests.making import everything, source
from tests.nouns import BY_NAME, FUNNEL, QUERY, Editor, filled, world, wrong

DEEP: Any = 1
for _ in range(20):
    DEEP = [DEEP]

CONDITION = {"match": {"country": ["de"]}}


def segment(**given: Any) -> dict[str, Any]:
    return {"name": "Visitors", "rules": [CONDITION], **given}


def ruled(*rules: Any) -> dict[str, Any]:
    return segment(rules=list(rules))


def asked(**given: Any) -> dict[str, Any]:
    return {"name": "x", "query": {**QUERY, **given}}


WRONG: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    ("metric", "LOCAL", {"name": "a" * 401}, [("name", "max_length")]),
    ("metric", "LOCAL", {"name": "a\0"}, [("name", "text")]),
    ("metric", "LOCAL", {"name": "x", "scale": 1e13}, [("scale", "range")]),
    ("metric", "LOCAL", {"name": "x", "precision": -1}, [("precision", "range")]),
    ("metric", "LOCAL", {"name": "x", "tags": ["@goalTag"]}, [("tags", "kind")]),
    ("goal", "LOCAL", {"name": "x", "tags": ["@experimentTag"]}, [("tags", "kind")]),
    ("goal", "ABSMARTLY", {"name": "x", "owners": ["@ann"]}, [("owners", "same_source")]),
    ("goal", "LOCAL", {"name": "x", "owners": ["@ann"] * 201}, [("owners", "max_items")]),
    ("goal", "CHECKMANGO", {"name": "!!_ok", "type": "COUNT"}, [("name", "key")]),
    ("goal", "CHECKMANGO", {"name": "a" * 256, "type": "COUNT"}, [("name", "max_length")]),
    ("goal", "CHECKMANGO", {"name": "BUY_NOW"}, [("type", "required")]),
    ("goal", "CHECKMANGO", {"name": "BUY_NOW", "type": "OTHER"}, [("type", "required")]),
    ("goal", "CHECKMANGO", {"name": "a b"}, [("name", "key"), ("type", "required")]),
    ("team", "LOCAL", {"name": "x", "initials": ""}, [("initials", "required")]),
    ("user", "LOCAL", {"email": "nobody"}, [("email", "email")]),
    ("user", "LOCAL", {"email": "a@b"}, [("email", "email")]),
    ("user", "LOCAL", {"email": "a b@example.com"}, [("email", "email")]),
    ("user", "LOCAL", {"email": "a@b.co", "avatarUrl": "javascript:x"}, [("avatarUrl", "url")]),
    ("tag", "LOCAL", {"tag": "", "kind": "GOAL"}, [("tag", "required")]),
    ("tag", "LOCAL", {"tag": "a" * 256, "kind": "GOAL"}, [("tag", "max_length")]),
    ("application", "LOCAL", {"name": "  "}, [("name", "required")]),
    ("unitType", "LOCAL", {"name": "x", "description": "a" * 10_001}, [
        ("description", "max_length"),
    ]),
    ("segment", "LOCAL", segment(rules={}), [("rules", "type")]),
    ("segment", "LOCAL", segment(rules=DEEP), [("rules", "max_depth")]),
    ("segment", "LOCAL", segment(rules=["a" * 65_536]), [("rules", "max_size")]),
    ("segment", "LOCAL", segment(rules=[{"a\0": 1}]), [("rules", "text")]),
    ("segment", "AUTH0", {"name": "Visitors"}, [("rules", "required")]),
    ("segment", "AUTH0", segment(name="ab"), [("name", "min_length")]),
    ("segment", "AUTH0", segment(name=" abc"), [("name", "trimmed")]),
    ("segment", "AUTH0", segment(name="a" * 256), [("name", "max_length")]),
    ("segment", "AUTH0", segment(description="ab"), [("description", "min_length")]),
    ("segment", "AUTH0", ruled(), [("rules", "items")]),
    ("segment", "AUTH0", ruled({}), [("rules.0", "required")]),
    ("segment", "AUTH0", ruled({"match": {}}), [("rules.0.match", "required")]),
    ("segment", "AUTH0", ruled({"match_type": "all"}), [("rules.0", "unknown")]),
    ("segment", "AUTH0", ruled(CONDITION, {"not_match": {"age": ["1"]}}), [
        ("rules.1.not_match", "unknown"),
    ]),
    ("segment", "AUTH0", ruled({"match": {"country": []}}), [
        ("rules.0.match.country", "items"),
    ]),
    ("segment", "AUTH0", ruled({"match": {"country": "de"}}), [
        ("rules.0.match.country", "type"),
    ]),
    ("segment", "AUTH0", ruled({"match": {"domain": {"contains": ["a"], "exists": True}}}), [
        ("rules.0.match.domain", "items"),
    ]),
    ("segment", "AUTH0", ruled({"match": {"domain": {"exists": 1}}}), [
        ("rules.0.match.domain.exists", "type"),
    ]),
    ("segment", "AUTH0", ruled({"match": {"domain": ["a" * 1025]}}), [
        ("rules.0.match.domain.0", "length"),
    ]),
    ("segment", "AUTH0", ruled({"match": {"domain": ["a" * 1000] * 5}}), [("rules.0", "max_size")]),
    ("segment", "AUTH0", ruled(*[{"match": {"domain": ["a" * 1000] * 3}}] * 4), [
        ("rules", "max_size"),
    ]),
    ("holdout", "POSTHOG", {"name": "x"}, [("exclusionPercentage", "required")]),
    ("holdout", "POSTHOG", {"name": " "}, [
        ("name", "required"), ("exclusionPercentage", "required"),
    ]),
    ("holdout", "POSTHOG", {"name": "x", "filters": []}, [("filters", "required")]),
    ("holdout", "POSTHOG", {"name": "x", "filters": {}}, [("filters", "type")]),
    ("holdout", "POSTHOG", {"name": "x", "filters": [1]}, [("filters.0", "type")]),
    ("holdout", "POSTHOG", {"name": "x", "filters": [{"rollout_percentage": 101}]}, [
        ("filters.0.rollout_percentage", "range"),
    ]),
    ("holdout", "POSTHOG", {"name": "x", "filters": [{"properties": {}}]}, [
        ("filters.0.rollout_percentage", "required"),
        ("filters.0.properties", "type"),
    ]),
    ("holdout", "POSTHOG", {"name": "x", "filters": [{"rollout_percentage": True}]}, [
        ("filters.0.rollout_percentage", "type"),
    ]),
    ("holdout", "POSTHOG", {"name": "x", "exclusionPercentage": -0.5}, [
        ("exclusionPercentage", "range"),
    ]),
    ("holdout", "POSTHOG", {
        "name": "x", "exclusionPercentage": 5, "filters": [{"rollout_percentage": 6}],
    }, [("exclusionPercentage", "agree")]),
    ("holdout", "LOCAL", {"name": "a" * 401, "exclusionPercentage": 1}, [("name", "max_length")]),
    ("holdout", "LOCAL", {"name": "x", "exclusionPercentage": 1, "description": "a" * 401}, [
        ("description", "max_length"),
    ]),
    ("savedMetric", "POSTHOG", {"name": "a" * 401, "query": QUERY}, [("name", "max_length")]),
    ("savedMetric", "POSTHOG", {"name": "x", "query": QUERY, "description": "a" * 401}, [
        ("description", "max_length"),
    ]),
    ("savedMetric", "POSTHOG", {"name": "x", "query": QUERY, "tags": ["a", "a"]}, [
        ("tags", "duplicate"),
    ]),
    ("savedMetric", "POSTHOG", {"name": "x", "query": QUERY, "tags": ["a", ""]}, [
        ("tags.1", "required"),
    ]),
    ("savedMetric", "POSTHOG", {"name": "x", "query": [QUERY]}, [("query", "type")]),
    ("savedMetric", "POSTHOG", {"name": "x", "query": {}}, [
        ("query.kind", "required"), ("query.metric_type", "required"),
    ]),
    ("savedMetric", "POSTHOG", asked(kind="ExperimentTrendsQuery"), [("query.kind", "one_of")]),
    ("savedMetric", "POSTHOG", asked(metric_type="median"), [("query.metric_type", "one_of")]),
    ("savedMetric", "POSTHOG", asked(metric_type="funnel"), [("query.series", "required")]),
    ("savedMetric", "POSTHOG", asked(metric_type="funnel", series=[]), [("query.series", "items")]),
    ("savedMetric", "POSTHOG", asked(metric_type="ratio"), [
        ("query.numerator", "required"), ("query.denominator", "required"),
    ]),
    ("savedMetric", "POSTHOG", asked(metric_type="retention"), [
        (f"query.{name}", "required")
        for name in (
            "start_event",
            "completion_event",
            "retention_window_start",
            "retention_window_end",
            "retention_window_unit",
            "start_handling",
        )
    ]),
    ("savedMetric", "POSTHOG", asked(source={"kind": "ActionsNode"}), [
        ("query.source.id", "required"),
    ]),
    ("savedMetric", "POSTHOG", asked(source={"kind": "ExperimentDataWarehouseNode"}), [
        ("query.source.table_name", "required"),
        ("query.source.timestamp_field", "required"),
        ("query.source.events_join_key", "required"),
        ("query.source.data_warehouse_join_key", "required"),
    ]),
    ("savedMetric", "POSTHOG", asked(source={"kind": "x"}), [("query.source.kind", "one_of")]),
    ("savedMetric", "POSTHOG", asked(upper_bound_percentile=1.5), [
        ("query.upper_bound_percentile", "range"),
    ]),
    ("savedMetric", "POSTHOG", asked(goal="up", conversion_window=1.5), [
        ("query.goal", "one_of"), ("query.conversion_window", "type"),
    ]),
    ("approvalPolicy", "", {"name": "x", "quorum": 0}, [("quorum", "range")]),
    ("approvalPolicy", "", {"name": "x", "expiresAfterHours": 0}, [
        ("expiresAfterHours", "range"),
    ]),
]  # fmt: skip


async def named(database: Database, platform: str) -> dict[str, str]:
    """The field that names a source of the platform."""
    if not platform:
        return {}
    await source(database, m.Platform(platform))
    return {} if platform == "LOCAL" else {"source": f"import-{platform.lower()}"}


@pytest.mark.parametrize("noun", sorted({noun for noun, *_ in WRONG}))
async def test_what_cannot_be_is_refused_field_by_field(
    client: httpx.AsyncClient, database: Database, noun: str
) -> None:
    cases: list[Any] = [case for name, *case in WRONG if name == noun]
    ids = await world(database)
    places = {platform: await named(database, platform) for platform, *_ in cases}
    before = await everything(database)
    editor = Editor(client, BY_NAME[noun])
    found = [
        (platform, given, wrong(await editor.create(**filled(given, ids), **places[platform])))
        for platform, given, _ in cases
    ]

    assert found == [tuple(case) for case in cases]
    assert await everything(database) == before


SOUND: list[tuple[str, str, dict[str, Any]]] = [
    ("metric", "LOCAL", {"name": "é" * 400, "precision": 20}),
    ("goal", "CHECKMANGO", {"name": "BUY_NOW_2", "type": "UNIQUE"}),
    ("goal", "ABSMARTLY", {"name": "!!_ok"}),
    ("user", "LOCAL", {"email": "zoë.o'neil+x@mail.exämple.co.uk"}),
    ("segment", "ABSMARTLY", {"name": "x", "rules": ["whatever", 1, None]}),
    ("segment", "AUTH0", segment(name="abc", description="abc")),
    ("segment", "AUTH0", ruled(
        {
            "match": {"country": ["de"], "domain": {"contains": ["a"]}, "browser": ["x" * 1024]},
            "not_match": {"platform": {"starts_with": ["i"]}, "region": {"exists": False}},
        },
    )),
    ("holdout", "POSTHOG", {"name": "x", "exclusionPercentage": 0}),
    ("holdout", "POSTHOG", {
        "name": "x", "exclusionPercentage": 5, "filters": [{"rollout_percentage": 5.0}, "others"],
    }),
    ("savedMetric", "POSTHOG", {"name": "x", "query": FUNNEL}),
    ("savedMetric", "POSTHOG", asked(
        metric_type="ratio",
        numerator={"kind": "EventsNode", "event": None, "math": "sum"},
        denominator={
            "kind": "ExperimentDataWarehouseNode",
            "table_name": "orders",
            "timestamp_field": "at",
            "events_join_key": "person",
            "data_warehouse_join_key": "user",
        },
        numerator_outlier_handling={"upper_bound_percentile": 0.99},
    )),
    ("savedMetric", "POSTHOG", asked(
        metric_type="retention",
        start_event={"kind": "EventsNode"},
        completion_event={"kind": "ActionsNode", "id": 7},
        retention_window_start=1,
        retention_window_end=7,
        retention_window_unit="day",
        start_handling="first_seen",
        something="new",
    )),
    ("approvalPolicy", "", {"name": "x", "platform": "CHECKMANGO", "action": "STOP"}),
]  # fmt: skip


@pytest.mark.parametrize(("noun", "platform", "given"), SOUND)
async def test_what_can_be_is_made_and_read_back(
    client: httpx.AsyncClient, database: Database, noun: str, platform: str, given: dict[str, Any]
) -> None:
    payload = await Editor(client, BY_NAME[noun]).create(**given, **await named(database, platform))

    assert payload["errors"] == []
    assert payload[noun].items() >= given.items()
