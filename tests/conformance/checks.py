"""Other people's clients and tools against a running gateway: `make conformance`.

What is written for Node is run by its own test runner, file by file; what is written for Python is
here. Both ask what stands in `documents/`.
"""

import asyncio
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.serving import COMMAND, KEY, Gateway, environment, serving

HERE = Path(__file__).parent
EXPERIMENTS = 40
HEADERS = {"Authorization": f"Api-Key {KEY}"}

DOCUMENTS = {path.stem: path.read_text("utf-8") for path in (HERE / "documents").iterdir()}

FILES = {"audit": 62, "clients": 35, "persisted": 2, "tools": 4}
"""How many tests each file for Node has, so that none can be lost without being missed."""


NODE = shutil.which("node") or "node"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data of a demo company."""
    folder = tmp_path_factory.mktemp("conformance")
    for command in (["migrate"], ["demo", "--experiments", str(EXPERIMENTS)]):
        subprocess.run(
            [*COMMAND, *command],
            cwd=folder,
            env=environment({}),
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
        )
    return folder


@pytest.fixture(scope="module")
def gateway(company: Path) -> Iterator[Gateway]:
    """A gateway with a demo company in it."""
    with serving(company) as running:
        yield running


@pytest.fixture
def trusting(company: Path, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway over the same data that runs nothing but `documents/`."""
    manifest = tmp_path / "documents.json"
    hashes = {hashlib.sha256(text.encode()).hexdigest(): text for text in DOCUMENTS.values()}
    manifest.write_text(json.dumps(hashes))
    with serving(company, trusted_documents=str(manifest)) as running:
        yield running


def run(name: str, gateway: Gateway) -> int:
    """How many tests of a file for Node there are, all of which hold."""
    address = {"TRIALGRAPH_URL": f"{gateway.url}graphql", "TRIALGRAPH_KEY": KEY}
    finished = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", f"{name}.test.js"],
        cwd=HERE,
        env={**os.environ, **address},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    counts = dict(re.findall(r"^# (\w+) (\d+)$", finished.stdout, re.MULTILINE))
    assert counts["pass"] == counts["tests"]
    return int(counts["tests"])


@pytest.mark.parametrize("name", FILES)
def test_everything_in_a_file_for_node_holds(gateway: Gateway, name: str) -> None:
    assert run(name, gateway) == FILES[name]


def test_clients_understand_the_statuses_of_2026_as_well(company: Path) -> None:
    with serving(company, status_codes="2026") as gateway:
        assert run("clients", gateway) == FILES["clients"]
        assert run("persisted", gateway) == FILES["persisted"]


def test_a_gateway_with_a_manifest_runs_nothing_else_in_any_way(trusting: Gateway) -> None:
    assert run("trusted", trusting) == 6


# --- gql, the client for Python


def document(name: str, **variables: Any) -> GraphQLRequest:
    return GraphQLRequest(DOCUMENTS[name], variable_values=variables)


@pytest.fixture
async def http(gateway: Gateway) -> AsyncIterator[Any]:
    transport = HTTPXAsyncTransport(url=f"{gateway.url}graphql", headers=HEADERS)
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        yield session


async def experiment_that_is(http: Any, phase: str) -> Any:
    where = {"phase": {"eq": phase}, "archived": {"eq": False}}
    found = await http.execute(document("Experiments", first=1, where=where))
    return found["experiments"]["nodes"][0]


async def test_gql_gets_the_answer_to_a_query_as_it_was_sent(http: Any, gateway: Gateway) -> None:
    asked = document("Experiments", first=3)
    answer = await http.execute(asked)
    assert len(answer["experiments"]["nodes"]) == 3
    assert answer == gateway.ask(DOCUMENTS["Experiments"], first=3)["data"]


async def test_gql_makes_a_change_by_a_mutation(http: Any) -> None:
    experiment = await experiment_that_is(http, "RUNNING")
    given = {"experiment": experiment["id"], "note": "Written by gql"}
    answer = await http.execute(document("AddNote", input=given))
    assert answer["addExperimentNote"] == {
        "ok": True,
        "errors": [],
        "note": {"note": "Written by gql"},
        "experiment": {"id": experiment["id"]},
    }


async def test_gql_reads_the_facts_of_a_refused_mutation_which_changed_nothing(http: Any) -> None:
    experiment = await experiment_that_is(http, "STOPPED")
    answer = await http.execute(document("Start", input={"id": experiment["id"]}))
    [refusal] = answer["startExperiment"]["errors"]
    assert answer["startExperiment"]["ok"] is False
    assert (refusal["__typename"], refusal["from"]) == ("InvalidTransition", "STOPPED")
    still = await http.execute(document("Experiment", id=experiment["id"]))
    assert still["experiment"]["phase"] == "STOPPED"


async def test_gql_reads_the_code_of_an_error(http: Any) -> None:
    with pytest.raises(TransportQueryError) as caught:
        await http.execute(document("Experiment", id="no id"))
    [error] = caught.value.errors or []
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_gql_hears_of_a_change_by_a_subscription(http: Any, gateway: Gateway) -> None:
    experiment = await experiment_that_is(http, "RUNNING")
    url = f"{gateway.url}graphql".replace("http", "ws")
    transport = WebsocketsTransport(
        url=url, init_payload=HEADERS, subprotocols=["graphql-transport-ws"]
    )

    async def talk() -> None:
        """Whether anybody listens yet is not told, so that changes go on until one is heard."""
        given = {"experiment": experiment["id"], "note": "Is anybody there?"}
        while True:
            await http.execute(document("AddNote", input=given))
            await asyncio.sleep(0.2)

    async with Client(transport=transport) as session, asyncio.timeout(20):
        talking = asyncio.create_task(talk())
        changes = session.subscribe(document("Changes", id=experiment["id"]))
        change = await anext(changes)
        talking.cancel()
        await changes.aclose()
    assert change["experimentChanged"]["experiment"]["id"] == experiment["id"]
