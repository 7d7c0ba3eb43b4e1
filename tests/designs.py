"""Experiments as a client makes, changes and copies them.

In inputs and answers ``@ann`` stands for the id of a row of `things`.
"""

from dataclasses import dataclass
from typing import Any

import httpx

import models as m
from models.database import Database
from tests.making import add, ask, id_of, source
from tests.nouns import EVENT, REASON, filled

DETAILS = """details { __typename
  ... on AbsmartlyDetails { analysisType requiredAlpha requiredPower baselinePrimaryMetricMean
    baselinePrimaryMetricStdev baselineParticipantsPerDay groupSequentialFutilityType
    groupSequentialAnalysisCount groupSequentialMinAnalysisInterval
    groupSequentialFirstAnalysisInterval groupSequentialMaxDurationInterval
    parentExperimentIteration templateName templateDescription templatePermission extra }
  ... on PosthogDetails { parameters metrics metricsSecondary secondaryMetrics filters
    primaryMetricsOrderedUuids secondaryMetricsOrderedUuids schedulingConfig
    runningTimeCalculation exposurePreaggregationEnabled onlyCountMaturedUsers extra }
  ... on Auth0Details { authenticationFlow assignmentConfig defaultConfig extra }
  ... on CheckmangoDetails { algorithmType eventKey teamId extra } }"""

WHOLE = f"""fragment Whole on Experiment {{ id key name description type platform source {{ name }}
  iteration version phase status nativeState seed trafficSeed family {{ id key }}
  percentages variantCount percentageOfTraffic unitType {{ id }} primaryMetric {{ id }}
  secondaryMetrics {{ metric {{ id }} role }} savedMetrics {{ metric {{ id }} role metadata }}
  owners {{ id }} teams {{ id }} tags {{ id }} applications {{ application {{ id }} version }}
  audience audienceStrict allocationStrategy holdout {{ id }} featureFlag {{ id }} template {{ id }}
  allocations {{ variant {{ index }} segment {{ id }} weight priority isControl isFallback }}
  exposureCriteria statsConfig minimumDetectableEffect ramp {{ levels }}
  hypothesis prediction actionPoints implementationDetails other
  variants {{ id index key name description isControl weight config }} {DETAILS} }}"""

REFERENCES = {"unitType", "primaryMetric", "holdout", "featureFlag", "template"}
PEOPLE = {"owners", "teams", "tags"}

FULL: dict[str, Any] = {
    "key": "checkout_button",
    "name": "Checkout button",
    "description": "A larger one.",
    "type": "FEATURE",
    "percentages": "30/70",
    "percentageOfTraffic": 42.5,
    "unitType": "@unit",
    "primaryMetric": "@metric",
    "secondaryMetrics": [
        {"metric": "@second", "role": "GUARDRAIL"},
        {"metric": "@third", "role": "GUARDRAIL"},
        {"metric": "@second", "role": "EXPLORATORY"},
    ],
    "savedMetrics": [
        {"savedMetric": "@saved", "role": "SECONDARY", "metadata": {"type": "secondary"}},
        {"savedMetric": "@other", "role": "PRIMARY"},
    ],
    "owners": ["@ben", "@ann"],
    "teams": ["@team", "@below"],
    "tags": ["@tag", "@word"],
    "applications": [
        {"application": "@shop", "version": "8.1.0"},
        {"application": "@app"},
    ],
    "audience": {"filter": [{"and": [{"eq": [{"var": {"path": "country"}}, {"value": "NL"}]}]}]},
    "audienceStrict": True,
    "allocationStrategy": "SEGMENT",
    "allocations": [
        {"variantIndex": 1, "segment": "@segment", "priority": 1, "weight": 12.5},
        {"variantIndex": 0, "isControl": True, "isFallback": True},
    ],
    "holdout": "@holdout",
    "featureFlag": "@flag",
    "template": "@template",
    "exposureCriteria": {"filterTestAccounts": True, "multiple_variant_handling": "first_seen"},
    "statsConfig": {"method": "bayesian", "bayesian": {"ci_level": 0.9}},
    "minimumDetectableEffect": "0.025",
    "hypothesis": "Larger is better.",
    "prediction": "More orders.",
    "actionPoints": "Roll it out.",
    "implementationDetails": "One line of CSS.",
    "other": "Ask design.",
    "variants": [
        {"key": "control", "isControl": True, "weight": 30},
        {
            "key": "larger",
            "name": "Larger",
            "description": "48 pixels.",
            "config": {"size": 48, "tags": ["x", None]},
        },
    ],
}
"""Everything that can be said of an experiment of any platform, a ramp apart."""

CHANGED: dict[str, Any] = {
    "key": "order_button",
    "name": "Order button",
    "description": "A green one.",
    "type": "TEST",
    "percentages": "50/50",
    "percentageOfTraffic": 100,
    "unitType": "@device",
    "primaryMetric": "@third",
    "secondaryMetrics": [{"metric": "@metric", "role": "SECONDARY"}],
    "savedMetrics": [{"savedMetric": "@other", "role": "GUARDRAIL", "metadata": {"a": [1]}}],
    "owners": ["@ann"],
    "teams": ["@team"],
    "tags": [],
    "applications": [{"application": "@app", "version": "9"}, {"application": "@shop"}],
    "audience": '{"filter": []}',
    "audienceStrict": False,
    "allocationStrategy": "PERCENTAGE",
    "allocations": [{"variantIndex": 0, "weight": 100, "isControl": True}],
    "holdout": "@holdout2",
    "featureFlag": "@flag2",
    "template": "@template2",
    "exposureCriteria": {"filterTestAccounts": False},
    "statsConfig": {"method": "frequentist"},
    "minimumDetectableEffect": "0.1",
    "hypothesis": "Green is better.",
    "prediction": "Fewer questions.",
    "actionPoints": "Nothing.",
    "implementationDetails": "A variable.",
    "other": "Nothing else.",
}
"""Another value of each field that can be changed."""

QUERY = {
    "kind": "ExperimentMetric",
    "metric_type": "mean",
    "uuid": "one",
    "source": {"kind": "EventsNode", "event": "purchase"},
}
GROUPS: dict[str, dict[str, Any]] = {
    "LOCAL": {},
    "ABSMARTLY": {
        "analysisType": "group_sequential",
        "requiredAlpha": "0.1",
        "requiredPower": "0.8",
        "baselinePrimaryMetricMean": "12.5",
        "baselinePrimaryMetricStdev": "3",
        "baselineParticipantsPerDay": "33",
        "groupSequentialFutilityType": "binding",
        "groupSequentialAnalysisCount": 7,
        "groupSequentialMinAnalysisInterval": "1d",
        "groupSequentialFirstAnalysisInterval": "7d",
        "groupSequentialMaxDurationInterval": "6w",
        "parentExperimentIteration": 2,
        "templateName": "One element",
        "templateDescription": "For small changes.",
        "templatePermission": {"audience": "locked"},
    },
    "POSTHOG": {
        "parameters": {
            "feature_flag_variants": [{"key": "control", "split_percent": 50}],
            "rollout_percentage": 100,
        },
        "metrics": [QUERY],
        "metricsSecondary": [{**QUERY, "uuid": "two"}],
        "secondaryMetrics": [{"insight": "TRENDS"}],
        "filters": {"events": []},
        "primaryMetricsOrderedUuids": ["one"],
        "secondaryMetricsOrderedUuids": ["two", "three"],
        "schedulingConfig": {"timezone": "UTC"},
        "runningTimeCalculation": {"minimum_detectable_effect": 5},
        "exposurePreaggregationEnabled": True,
        "onlyCountMaturedUsers": False,
        "createInFolder": "Experiments/Checkout",
    },
    "AUTH0": {
        "authenticationFlow": "login",
        "assignmentConfig": {"subject": "device"},
        "defaultConfig": "flag",
    },
    "CHECKMANGO": {"algorithmType": "weightedSample", "eventKey": "PURCHASE"},
}
"""Everything that each platform takes beside, in its group."""

OTHER_GROUPS: dict[str, dict[str, Any]] = {
    "LOCAL": {},
    "ABSMARTLY": {
        "analysisType": "fixed_horizon",
        "requiredAlpha": "0.05",
        "requiredPower": "0.9",
        "baselinePrimaryMetricMean": "-1",
        "baselinePrimaryMetricStdev": "0.5",
        "baselineParticipantsPerDay": "1000000",
        "groupSequentialFutilityType": "non_binding",
        "groupSequentialAnalysisCount": 8,
        "groupSequentialMinAnalysisInterval": "2d",
        "groupSequentialFirstAnalysisInterval": "2w",
        "groupSequentialMaxDurationInterval": "8w",
        "parentExperimentIteration": 3,
        "templateName": "Two elements",
        "templateDescription": "For larger changes.",
        "templatePermission": {},
    },
    "POSTHOG": {
        "parameters": {"rollout_percentage": 10},
        "metrics": [],
        "metricsSecondary": [QUERY],
        "secondaryMetrics": [],
        "filters": {},
        "primaryMetricsOrderedUuids": [],
        "secondaryMetricsOrderedUuids": ["one"],
        "schedulingConfig": {"timezone": "CET"},
        "runningTimeCalculation": {},
        "exposurePreaggregationEnabled": False,
        "onlyCountMaturedUsers": True,
        "createInFolder": "Elsewhere",
    },
    "AUTH0": {
        "authenticationFlow": "mfa_challenge",
        "assignmentConfig": {"subject": "session"},
        "defaultConfig": "tenant",
    },
    "CHECKMANGO": {"algorithmType": "whiplash", "eventKey": "SIGNUP"},
}
"""Another value of each of them."""


def full(platform: str, **more: Any) -> dict[str, Any]:
    """What a creation says that says everything, on a platform."""
    group = {platform.lower(): GROUPS[platform]} if GROUPS[platform] else {}
    name = {} if platform == "LOCAL" else {"source": f"import-{platform.lower()}"}
    return {**FULL, **group, **name, **more}


async def things(database: Database, platform: str) -> dict[str, str]:
    """The ids of rows of the platform's source that inputs name."""
    own: dict[str, Any] = {"source_id": await source(database, m.Platform(platform))}
    family = m.Family(key="templates", **own)
    await add(database, family)
    rows: dict[str, Any] = {
        "unit": m.UnitType(name="user_id", **own),
        "device": m.UnitType(name="device_id", **own),
        "saved": m.SavedMetric(name="saved", **own),
        "other": m.SavedMetric(name="other", **own),
        "ann": m.User(email="ann@example.com", **own),
        "ben": m.User(email="ben@example.com", **own),
        "team": m.Team(name="team", **own),
        "below": m.Team(name="below", **own),
        "tag": m.Tag(kind=m.TagKind.EXPERIMENT, tag="tag", **own),
        "word": m.Tag(kind=m.TagKind.EXPERIMENT, tag="word", **own),
        "shop": m.Application(name="shop", **own),
        "app": m.Application(name="app", **own),
        "segment": m.Segment(name="segment", **own),
        "holdout": m.Holdout(name="holdout", **own),
        "holdout2": m.Holdout(name="holdout 2", **own),
        "flag": m.FeatureFlag(key="flag", active=True, **own),
        "flag2": m.FeatureFlag(key="flag 2", active=False, **own),
    }
    rows |= {name: m.Metric(name=name, **own) for name in ("metric", "second", "third")}
    for name in ("template", "template2"):
        rows[name] = m.Experiment(
            key="templates",
            name=name,
            type=m.ExperimentType.TEST_TEMPLATE,
            platform=m.Platform(platform),
            family_id=family.id,
            iteration=len(name),
            **own,
        )
    await add(database, *rows.values())
    return {name: id_of(row) for name, row in rows.items()}


def answer(said: dict[str, Any]) -> dict[str, Any]:
    """What `Whole` reads back of what was said, without its ids filled in."""
    found = {name: _read(name, value) for name, value in said.items() if name in READ}
    if "rampLevels" in said:
        levels = said["rampLevels"]
        found["ramp"] = {"levels": levels} if levels else None
    return found


READ = {*FULL, *CHANGED} - {"variants"}


def _read(name: str, value: Any) -> Any:
    if name in REFERENCES:
        return value and {"id": value}
    if name in PEOPLE:
        return [{"id": each} for each in value or []]
    if name == "audience":
        return {"filter": []} if isinstance(value, str) else value
    items = {
        "secondaryMetrics": lambda each: {"metric": {"id": each["metric"]}, "role": each["role"]},
        "savedMetrics": lambda each: {
            "metric": {"id": each["savedMetric"]},
            "role": each["role"],
            "metadata": each.get("metadata"),
        },
        "applications": lambda each: {
            "application": {"id": each["application"]},
            "version": each.get("version"),
        },
        "allocations": lambda each: {
            "variant": {"index": each["variantIndex"]},
            "segment": {"id": each["segment"]} if "segment" in each else None,
            "weight": each.get("weight"),
            "priority": each.get("priority"),
            "isControl": each.get("isControl", False),
            "isFallback": each.get("isFallback", False),
        },
    }
    return [items[name](each) for each in value or []] if name in items else value


def details(group: dict[str, Any]) -> dict[str, Any]:
    """What ``details`` reads back of a group: what has no field there is among the rest."""
    said = dict(group)
    folder = said.pop("createInFolder", None)
    return {**said, "extra": {"_create_in_folder": folder} if folder else None}


@dataclass(frozen=True)
class Designer:
    """A client that edits experiments and variants; ``ids`` are those of `things`."""

    client: httpx.AsyncClient
    ids: dict[str, str]
    headers: dict[str, str] | None = None

    async def create(self, **given: Any) -> Any:
        """The payload of a creation."""
        return await self.mutate("createExperiment", given)

    async def update(self, **given: Any) -> Any:
        """The payload of a change."""
        return await self.mutate("updateExperiment", given)

    async def duplicate(self, **given: Any) -> Any:
        """The payload of a copy."""
        return await self.mutate("duplicateExperiment", given)

    async def made(self, **given: Any) -> Any:
        """The experiment of a creation that must succeed."""
        payload = await self.create(**given)
        assert payload["ok"], payload["errors"]
        return payload["experiment"]

    async def variant(self, verb: str, **given: Any) -> Any:
        """The payload of `createVariant`, `updateVariant` or `deleteVariant`."""
        return await self.mutate(
            f"{verb}Variant",
            given,
            "variant { id index key name description isControl weight config }",
        )

    async def read(self, number: str) -> Any:
        """The experiment by its id."""
        query = f"query($id: ID!) {{ node(id: $id) {{ ...Whole }} }} {WHOLE}"
        return await ask(self.client, query, self.headers, id=number)

    async def mutate(
        self, name: str, given: dict[str, Any], more: str = "experimentNote { action note }"
    ) -> Any:
        """The payload of any of them."""
        query = f"""mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
          ok replayed errors {{ ...Reason }} {EVENT} experiment {{ ...Whole }} {more} }} }}
          {WHOLE} {REASON}"""
        return await ask(self.client, query, self.headers, input=filled(given, self.ids))
