"""From a platform's answer to the graph: one file in, one POST out."""

from pathlib import Path
from typing import Any

import httpx

from connectors.importing import import_files
from models.database import Database

PAYLOAD = Path("tests/payloads/absmartly/start_response.json")

EVERYTHING = """{
  experiment(key: "test_experiment") {
    key externalId phase status nativeState variantCount percentages split seed
    release { variantIndex mode }
    minimumDetectableEffect
    unitType { name externalId }
    owners { email }
    teams { name }
    tags { tag }
    variants { index name isControl weight }
    screenshots { variantIndex label file { fileName crop { left } usage { name } } }
    applications { version application { name } }
    primaryMetric {
      name externalId type nativeType effect format
      owners { email }
      tags { tag kind }
      goal {
        name externalId
        tags { tag kind }
        owners { email }
        teams { name users { email department } }
        experiments { totalCount nodes { key } }
      }
    }
    secondaryMetrics { role metric { name } }
    results { variantIndex unitCount mean impact metric { name } }
    sampleSize { requiredSampleSize reachedAt }
    notes { totalCount nodes { note variant createdBy { email } } }
    alerts { type metadata }
    favorites { user { email } }
    sync { state }
    source { name platform }
  }
  users { totalCount nodes { email experiments { totalCount } metrics { nodes { name } } } }
}"""


async def test_the_answer_of_a_start_becomes_a_graph(
    client: httpx.AsyncClient, database: Database
) -> None:
    await import_files(database, [PAYLOAD])
    answer = await client.post("/graphql", json={"query": EVERYTHING})
    body: Any = answer.json()
    assert "errors" not in body, body["errors"]
    owner = body["data"]["users"]["nodes"][0]["email"]
    metric = {"name": "Time to Book"}

    assert body["data"]["experiment"] == {
        "key": "test_experiment",
        "externalId": "1",
        "phase": "RUNNING",
        "status": "FULL_ON",
        "nativeState": "running",
        "variantCount": 3,
        "percentages": "34/33/33",
        "split": [0.34, 0.33, 0.33],
        "seed": "string",
        "release": {"variantIndex": 0, "mode": "FULL_ON_RUNNING"},
        "minimumDetectableEffect": "10",
        "unitType": {"name": "user_id", "externalId": "1"},
        "owners": [],
        "teams": [],
        "tags": [],
        "variants": [{"index": 0, "name": "Red Button", "isControl": True, "weight": 34.0}],
        "screenshots": [
            {
                "variantIndex": 2,
                "label": "Variant C's second iteration",
                "file": {
                    "fileName": "avatar_john_doe.png",
                    "crop": {"left": 0.0},
                    "usage": {"name": "string"},
                },
            }
        ],
        "applications": [{"version": "0", "application": {"name": "ios"}}],
        "primaryMetric": {
            **metric,
            "externalId": "20",
            "type": "GOAL_TIME_TO_ACHIEVEMENT",
            "nativeType": "goal_time_to_achievement",
            "effect": "POSITIVE",
            "format": "{}s",
            "owners": [{"email": owner}],
            "tags": [{"tag": "location:Header", "kind": "METRIC"}],
            "goal": {
                "name": "purchase",
                "externalId": "70",
                "tags": [{"tag": "psychological:Trust", "kind": "GOAL"}],
                "owners": [{"email": owner}],
                "teams": [
                    {"name": "Marketing", "users": [{"email": owner, "department": "Marketing"}]}
                ],
                "experiments": {"totalCount": 1, "nodes": [{"key": "test_experiment"}]},
            },
        },
        "secondaryMetrics": [{"role": "SECONDARY", "metric": metric}],
        "results": [
            {"variantIndex": 0, "unitCount": 0, "mean": "0", "impact": 0.0, "metric": metric}
        ],
        "sampleSize": {"requiredSampleSize": 109234, "reachedAt": None},
        "notes": {
            "totalCount": 3,
            "nodes": [{"note": "string", "variant": 0, "createdBy": {"email": owner}}] * 3,
        },
        "alerts": [{"type": None, "metadata": "string"}],
        "favorites": [{"user": {"email": owner}}],
        "sync": {"state": "DETACHED"},
        "source": {"name": "import-absmartly", "platform": "ABSMARTLY"},
    }
    assert body["data"]["users"] == {
        "totalCount": 1,
        "nodes": [
            {"email": owner, "experiments": {"totalCount": 0}, "metrics": {"nodes": [metric]}}
        ],
    }


async def test_importing_it_again_leaves_the_graph_as_it_was(
    client: httpx.AsyncClient, database: Database
) -> None:
    await import_files(database, [PAYLOAD])
    first = await client.post("/graphql", json={"query": EVERYTHING})
    await import_files(database, [PAYLOAD])
    second = await client.post("/graphql", json={"query": EVERYTHING})

    assert second.json() == first.json()
