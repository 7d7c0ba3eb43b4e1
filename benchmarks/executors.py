"""The same queries through both executors, everything on: which one is faster, and by how much.

    .venv/bin/python benchmarks/executors.py sqlite:///bench.db 2000

loads a demo of that many experiments, unless the database has one, and asks the gateway in this
process. Answers are compared leaf by leaf before anything is timed; variables are random; the two
take turns, so that other load on the machine meets both.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from typing import Any

import httpx
from pydantic import SecretStr

from gateway import logs
from gateway.app import create_app
from gateway.demo import load
from gateway.settings import Settings
from migrations.upgrade import upgrade
from models.database import Database
from models.errors import BadUserInput

KEY = "the key of the benchmark, which is admin"
EXECUTORS = ("reference", "breadth")

LIST = """query($ids: [ID!]!) {
  experiments(first: 50, where: { id: { in: $ids } }) {
    nodes { id key name status phase startedAt percentages archived version updatedAt }
  }
}"""

NESTED = """query($ids: [ID!]!) {
  experiments(first: 50, where: { id: { in: $ids } }) {
    nodes {
      id key name status phase startedAt description percentages
      variants { index key name weight config }
      owners { name email teams { name } }
      teams { name parent { name } }
      tags { tag }
      applications { version application { name } }
      primaryMetric { ...Measured }
      secondaryMetrics { role metric { ...Measured } }
    }
  }
}
fragment Measured on Metric {
  id name type owners { name email } tags { tag } goal { id name teams { name } tags { tag } }
}"""

QUERIES = {"list": (LIST, 50), "nested": (NESTED, 50), "one": (NESTED, 1)}


async def ids(client: httpx.AsyncClient) -> list[str]:
    """The ids of all experiments."""
    found: list[str] = []
    after = None
    while True:
        page = await ask(
            client,
            "query($after: String) { experiments(first: 200, after: $after) "
            "{ nodes { id } pageInfo { hasNextPage endCursor } } }",
            {"after": after},
        )
        found += [node["id"] for node in page["experiments"]["nodes"]]
        if not page["experiments"]["pageInfo"]["hasNextPage"]:
            return found
        after = page["experiments"]["pageInfo"]["endCursor"]


async def ask(client: httpx.AsyncClient, query: str, variables: dict[str, Any]) -> Any:
    """The data of an answer. Raises RuntimeError where there are errors."""
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    body = answer.json()
    if "errors" in body:
        raise RuntimeError(json.dumps(body["errors"])[:500])
    return body["data"]


async def timed(client: httpx.AsyncClient, query: str, asked: list[list[str]]) -> float:
    """Milliseconds for each request."""
    begun = time.perf_counter()
    for chosen in asked:
        await ask(client, query, {"ids": chosen})
    return (time.perf_counter() - begun) * 1000 / len(asked)


async def measured(url: str, experiments: int, rounds: int, requests: int) -> None:
    """Print a line for each query."""
    logs.configure("error", as_json=True)
    database = Database(url)
    try:
        await load(database, experiments)
    except BadUserInput:
        print("the database has a demo")
    clients = {}
    for name in EXECUTORS:
        app = create_app(
            Settings.model_validate({"bootstrap_key": SecretStr(KEY), "executor": name}), database
        )
        clients[name] = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://127.0.0.1",
            headers={"Authorization": f"Api-Key {KEY}"},
            timeout=60,
        )
    known = await ids(clients["breadth"])
    for name, (query, size) in QUERIES.items():
        chance = random.Random(1)  # noqa: S311  the same requests on every run
        asked = [chance.sample(known, size) for _ in range(requests)]
        for chosen in asked:
            one, other = [await ask(client, query, {"ids": chosen}) for client in clients.values()]
            if one != other:
                raise RuntimeError(f"{name}: the answers differ for {chosen}")
        times: dict[str, list[float]] = {each: [] for each in clients}
        for _ in range(rounds):
            for each, client in clients.items():
                times[each].append(await timed(client, query, asked))
        told = ", ".join(
            f"{each} {statistics.median(found):.1f} ms ({min(found):.1f} to {max(found):.1f})"
            for each, found in times.items()
        )
        gain = statistics.median(times["reference"]) / statistics.median(times["breadth"])
        print(f"{name}: {told}; {gain:.1f} times")
    for client in clients.values():
        await client.aclose()
    await database.dispose()


def main() -> None:
    """Read the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("experiments", type=int, nargs="?", default=2000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=10)
    given = parser.parse_args()
    upgrade(given.url)
    asyncio.run(measured(given.url, given.experiments, given.rounds, given.requests))


if __name__ == "__main__":
    main()
