"""A gateway that is sent anything, and what must hold of each answer and of the whole."""

import json
import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from resolvers.scopes import known_scopes
from tests.serving import KEY, Gateway, serving

SOAK = "TRIALGRAPH_SOAK" in os.environ
BOUND = 10.0
"""Seconds that any answer may take, on a machine that has much else to do."""

READERS = [scope for scope in known_scopes() if scope.endswith(":read")]

SAID = "query { lifecycle(platform: CHECKMANGO) { action scope } }"
MEANT = {
    "data": {
        "lifecycle": [
            {"action": "START", "scope": "experiment:start"},
            {"action": "STOP", "scope": "experiment:stop"},
            {"action": "DELETE", "scope": "experiment:delete"},
        ]
    }
}


@dataclass
class Target:
    """A gateway with the demo graph, in a process of its own."""

    gateway: Gateway
    folder: Path
    http: httpx.Client
    counts: "Counter[str]" = field(default_factory=Counter)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        url = httpx.URL(self.gateway.url)
        return url.host, url.port or 80

    @cached_property
    def ids(self) -> dict[str, list[str]]:
        """Some ids of each type that has a list of its own."""
        lists = (
            "experiments", "metrics", "goals", "teams", "users", "tags", "applications",
            "unitTypes", "segments", "holdouts", "savedMetrics", "featureFlags", "changeRequests",
            "approvalPolicies", "sources", "events",
        )  # fmt: skip
        asked = " ".join(f"{name}(first: 20) {{ nodes {{ __typename id }} }}" for name in lists)
        more = "e: experiments(first: 5) { nodes { variants { __typename id } } }"
        data = self.gateway.ask(f"{{ {asked} {more} }}")["data"]
        variants = [each for node in data.pop("e")["nodes"] for each in node["variants"]]
        found: dict[str, list[str]] = {}
        for node in [*(node for name in data.values() for node in name["nodes"]), *variants]:
            found.setdefault(node["__typename"], []).append(node["id"])
        return found

    def key(self, name: str, *scopes: str) -> str:
        """The secret of a new key."""
        made = self.gateway.ask(
            "mutation($i: CreateApiKeyInput!) { createApiKey(input: $i) { ok secret } }",
            i={"name": name, "scopes": list(scopes)},
        )["data"]["createApiKey"]
        assert made["ok"], made
        return str(made["secret"])

    def ask(self, query: str, variables: dict[str, Any] | None = None, key: str = KEY) -> Any:
        """The answer to a request, which is sound."""
        headers = {"Authorization": f"Api-Key {key}"} if key else {}
        content = json.dumps({"query": query, "variables": variables or {}}).encode()
        headers["Content-Type"] = "application/json"
        return self.sound(self.http.post("graphql", content=content, headers=headers))

    def sound(self, response: httpx.Response) -> Any:
        """What an answer says. It is GraphQL's, and tells of no defect."""
        answer = response.json()
        shown = response.request.content.decode(errors="replace")[:5000], response.text[:2000]
        assert response.status_code < 500, shown
        assert answer.keys() & {"data", "errors"}, shown
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        assert "INTERNAL_SERVER_ERROR" not in codes, shown
        self.counts[kind_of(answer)] += 1
        return answer

    def log(self) -> str:
        """All that it has said so far."""
        return (self.folder / "stderr.txt").read_text(errors="replace")

    def memory(self) -> int:
        """Kibibytes of memory that it has."""
        command = ["ps", "-o", "rss=", "-p", str(self.gateway.process.pid)]
        return int(subprocess.run(command, capture_output=True, check=True).stdout)

    def require_room(self, count: int) -> None:
        """So many streams can be opened at the same time, sooner or later, and not one more."""
        body = {"query": "subscription { events { cursor } }"}
        headers = {"Accept": "text/event-stream", "Authorization": f"Api-Key {KEY}"}
        ended = time.monotonic() + BOUND
        with ExitStack() as opened, httpx.Client(base_url=self.gateway.url, timeout=BOUND) as http:
            held: list[int] = []
            while len(held) < count:
                given = opened.enter_context(
                    http.stream("POST", "graphql", json=body, headers=headers)
                )
                if given.status_code == 200:
                    held.append(200)
                else:
                    assert time.monotonic() < ended, f"room for {len(held)} streams"
            more = opened.enter_context(http.stream("POST", "graphql", json=body, headers=headers))
            assert more.status_code == 503

    def require_sound(self) -> None:
        """It answers as ever, and has told of no defect."""
        assert self.gateway.process.poll() is None
        assert self.gateway.ask(SAID) == MEANT
        log = self.log()
        wrong = re.search(r".*(\[error|\[critical|Traceback)", log)
        assert wrong is None, log[max(0, wrong.start() - 500) : wrong.start() + 4000]


def kind_of(answer: Any) -> str:
    """What became of a request: how much of it was run."""
    if "data" not in answer:
        return "refused"
    return "failed" if "errors" in answer else "answered"


@contextmanager
def target(folder: Path, **settings: str) -> Iterator[Target]:
    """A gateway with the demo graph, which answers until the block is left and is sound then."""
    with (
        serving(folder, "--demo-if-empty", **settings) as gateway,
        httpx.Client(base_url=gateway.url, timeout=BOUND) as http,
    ):
        opened = Target(gateway, folder, http)
        yield opened
        opened.require_sound()
