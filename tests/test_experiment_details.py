"""What only one platform takes: key by key into the document, and nothing that it works out."""

from typing import Any

import httpx
import pytest
from strawberry.utils.str_converters import to_camel_case

import models as m
from gateway.app import graph
from models.database import Database
from models.details import DETAILS
from resolvers.details import WRITABLE
from resolvers.identity import decode
from tests.designs import GROUPS, OTHER_GROUPS, QUERY, Designer, details
from tests.making import everything, rows_of, source
from tests.nouns import wrong

PLATFORMS = ["ABSMARTLY", "POSTHOG", "AUTH0", "CHECKMANGO"]
every_platform = pytest.mark.parametrize("platform", PLATFORMS)

READ_ONLY = {
    "ABSMARTLY": """feature_state feature_on_at feature_off_at group_sequential_analyses
      template_iteration recommended_action experiment_task_states report_type""",
    "POSTHOG": "exposure_cohort user_access_level is_legacy platform_version",
    "AUTH0": "is_valid feature_flag_snapshot editable_fields",
    "CHECKMANGO": "team_id numeric_id",
}
"""What a platform works out by itself."""

WRONG: dict[str, list[tuple[dict[str, Any], list[tuple[str, str]]]]] = {
    "ABSMARTLY": [
        ({"analysisType": "bayesian"}, [("analysisType", "one_of")]),
        ({"requiredAlpha": "1.01"}, [("requiredAlpha", "range")]),
        ({"requiredPower": "-0.1"}, [("requiredPower", "range")]),
        ({"baselinePrimaryMetricStdev": "-1"}, [("baselinePrimaryMetricStdev", "range")]),
        ({"baselineParticipantsPerDay": "1e16"}, [("baselineParticipantsPerDay", "range")]),
        ({"groupSequentialFutilityType": ""}, [("groupSequentialFutilityType", "one_of")]),
        ({"groupSequentialAnalysisCount": 0}, [("groupSequentialAnalysisCount", "range")]),
        *(
            (
                {"groupSequentialMinAnalysisInterval": text},
                [("groupSequentialMinAnalysisInterval", "interval")],
            )
            for text in ("", "0d", "7", "d", "7h", "7d ", "\u0667d")
        ),
        ({"parentExperimentIteration": 0}, [("parentExperimentIteration", "range")]),
        ({"templateName": " "}, [("templateName", "required")]),
        ({"templatePermission": []}, [("templatePermission", "type")]),
    ],
    "POSTHOG": [
        ({"parameters": "x"}, [("parameters", "type")]),
        ({"metrics": [1]}, [("metrics.0", "type"), ("metrics.0", "type")]),
        ({"metrics": [{**QUERY, "kind": "ExperimentTrendsQuery"}]}, [("metrics.0.kind", "one_of")]),
        ({"metricsSecondary": [{**QUERY, "metric_type": "sum"}]},
         [("metricsSecondary.0.metric_type", "one_of")]),
        ({"primaryMetricsOrderedUuids": ["a", "a"]}, [("primaryMetricsOrderedUuids", "duplicate")]),
        ({"primaryMetricsOrderedUuids": [""]}, [("primaryMetricsOrderedUuids.0", "required")]),
        ({"filters": []}, [("filters", "type")]),
        ({"schedulingConfig": 5}, [("schedulingConfig", "type")]),
        ({"runningTimeCalculation": {"a": "\0"}}, [("runningTimeCalculation", "text")]),
    ],
    "AUTH0": [
        ({"authenticationFlow": "f" * 256}, [("authenticationFlow", "max_length")]),
        ({"assignmentConfig": "device"}, [("assignmentConfig", "type")]),
        ({"defaultConfig": "tenants"}, [("defaultConfig", "one_of")]),
    ],
    "CHECKMANGO": [
        ({"algorithmType": "random"}, [("algorithmType", "one_of")]),
        ({"eventKey": "a-b"}, [("eventKey", "key")]),
    ],
}  # fmt: skip


async def made(client: httpx.AsyncClient, database: Database, platform: str, group: Any) -> Any:
    await source(database, m.Platform(platform))
    editor = Designer(client, {})
    name = f"import-{platform.lower()}"
    row = await editor.made(key="KEY", name="n", source=name, **{platform.lower(): group})
    return editor, row


async def document(database: Database, row: Any) -> Any:
    return (await rows_of(database, m.Experiment))[decode(row["id"])[1]]["details"]


@every_platform
def test_a_group_offers_what_can_be_written_and_nothing_else(platform: str) -> None:
    known = set(DETAILS[m.Platform(platform)].__annotations__)
    offered = set(WRITABLE[m.Platform(platform)]) - {"create_in_folder"}
    schema = graph()._schema  # noqa: SLF001  Strawberry has no public name for it
    group: Any = schema.type_map[f"{platform.capitalize()}Input"]

    assert known - offered == set(READ_ONLY[platform].split())
    assert offered <= known
    assert set(group.fields) == {to_camel_case(name) for name in WRITABLE[m.Platform(platform)]}


@every_platform
async def test_each_key_is_merged_by_itself(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, row = await made(client, database, platform, GROUPS[platform])
    group = platform.lower()
    expected = details(GROUPS[platform])
    assert row["details"].items() >= expected.items()
    for version, (name, value) in enumerate(OTHER_GROUPS[platform].items(), 2):
        if name == "createInFolder":
            continue
        payload = await editor.update(id=row["id"], **{group: {name: value}})
        expected[name] = value
        assert payload["errors"] == []
        assert payload["experiment"]["details"].items() >= expected.items()
        assert payload["experiment"]["version"] == version
        [key] = payload["event"]["after"]["details"]
        assert {*payload["event"]["before"]} == {"details"}
        assert to_camel_case(key) == name


@every_platform
async def test_what_the_platform_said_stays(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, row = await made(client, database, platform, None)
    said = dict.fromkeys(READ_ONLY[platform].split(), "verbatim") | {"unheard_of": [1]}
    async with database.write() as session:
        (await session.get_one(m.Experiment, decode(row["id"])[1])).details = said
    name, value = next(iter(OTHER_GROUPS[platform].items()))
    await editor.update(id=row["id"], **{platform.lower(): {name: value}})
    await editor.update(id=row["id"], **{platform.lower(): {name: None}})

    assert await document(database, row) == said


@every_platform
async def test_what_a_group_cannot_hold_is_refused_with_its_path(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    editor, row = await made(client, database, platform, None)
    group = platform.lower()
    before = await everything(database)
    for given, rules in WRONG[platform]:
        payload = await editor.update(id=row["id"], **{group: given})
        assert wrong(payload) == [(f"{group}.{path}", rule) for path, rule in rules], given
        created = await editor.create(
            key="NEW", name="n", source=f"import-{group}", **{group: given}
        )
        assert wrong(created) == wrong(payload)
    assert await everything(database) == before


@pytest.mark.parametrize("platform", ["LOCAL", *PLATFORMS])
async def test_only_the_group_of_the_platform_may_be_said(
    client: httpx.AsyncClient, database: Database, platform: str
) -> None:
    await source(database, m.Platform(platform))
    editor = Designer(client, {})
    row = await editor.made(key="KEY", name="n", source=f"import-{platform.lower()}")
    before = await everything(database)
    for other in PLATFORMS:
        if other != platform:
            payload = await editor.update(id=row["id"], **{other.lower(): {}})
            assert wrong(payload) == [(other.lower(), "platform")]
    several = await editor.update(id=row["id"], **{each.lower(): {} for each in PLATFORMS})
    assert wrong(several) == [("posthog", "one_of")]
    assert await everything(database) == before


async def test_a_platform_that_says_nothing_has_no_document(
    client: httpx.AsyncClient, database: Database
) -> None:
    editor, row = await made(client, database, "AUTH0", {"defaultConfig": None})
    assert await document(database, row) is None
    await editor.update(id=row["id"], auth0={"defaultConfig": "flag"})
    assert await document(database, row) == {"default_config": "flag"}
    await editor.update(id=row["id"], auth0={"defaultConfig": None})
    assert await document(database, row) is None
