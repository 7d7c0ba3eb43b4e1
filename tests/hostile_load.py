"""How ordinary queries fare while others do harm: `python -m tests.hostile_load`.

A real server with a demo company serves ordinary queries, in turn undisturbed and under attack.
The attack sends every kind of hostile request, so many a second, while bodies come one byte at a
time and answers are left unread. Everything stays on this machine and ends by itself.
"""

import argparse
import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx
import orjson

from tests.hostile import HOSTILE
from tests.serving import KEY, serving

ORDINARY = """{ experiments(first: 10) { nodes { key name status owners { email }
  primaryMetric { name goal { name } } variants { name } tags { tag } } } }"""
LARGE = "{ experiments(first: 200) { nodes { key name description hypothesis prediction } } }"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
SLOW_BODIES, SLOW_READERS = 20, 10


class Load:
    """One run against one server."""

    def __init__(self, url: str, seconds: float, rate: float, clients: int) -> None:
        self.url = httpx.URL(url)
        self.seconds = seconds
        self.rate = rate
        self.clients = clients
        self.answers: dict[str, Counter[str]] = {name: Counter() for name in HOSTILE}
        self.slow: Counter[str] = Counter()
        self.kinds = itertools.cycle(HOSTILE)

    async def ordinary(self) -> list[float]:
        """How long each ordinary query took, in milliseconds."""
        async with httpx.AsyncClient(headers=HEADERS, timeout=60) as http:
            ends = time.perf_counter() + self.seconds
            taken = await asyncio.gather(*(self._asks(http, ends) for _ in range(self.clients)))
        return [each for of_one in taken for each in of_one]

    async def _asks(self, http: httpx.AsyncClient, ends: float) -> list[float]:
        taken = []
        body = orjson.dumps({"query": ORDINARY})
        while time.perf_counter() < ends:
            began = time.perf_counter()
            answer = await http.post(self.url.join("/graphql"), content=body)
            taken.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.text
            assert len(answer.json()["data"]["experiments"]["nodes"]) == 10
            await asyncio.sleep(0.02)
        return taken

    @asynccontextmanager
    async def attack(self) -> AsyncIterator[None]:
        """Harm is done while the block runs."""
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(httpx.AsyncClient(headers=HEADERS, timeout=60))
            tasks = [asyncio.create_task(self._hostile(http))]
            tasks += [asyncio.create_task(self._slow_body()) for _ in range(SLOW_BODIES)]
            tasks += [asyncio.create_task(self._slow_reader()) for _ in range(SLOW_READERS)]
            await asyncio.sleep(2)  # until what is left unread has been answered
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _hostile(self, http: httpx.AsyncClient) -> None:
        for name in self.kinds:
            await asyncio.sleep(1 / self.rate)
            answer = await http.post(self.url.join("/graphql"), content=HOSTILE[name].body)
            found = answer.json()
            facts = found["errors"][0]["extensions"] if "errors" in found else {"code": "ANSWERED"}
            said = f"{answer.status_code} {facts['code']} {facts.get('limit', '')}".strip()
            self.answers[name][said] += 1

    async def _slow_body(self) -> None:
        """Send a body a byte a second, again and again."""
        body = orjson.dumps({"query": ORDINARY})
        while True:
            reader, writer = await self._connected(len(body))
            with suppress(ConnectionError):
                for byte in body:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    with suppress(TimeoutError):
                        status = await asyncio.wait_for(reader.readline(), 1)
                        self.slow[f"slow body: {status.decode().strip()}"] += 1
                        break
            writer.close()

    async def _slow_reader(self) -> None:
        """Ask for much, and read none of it."""
        body = orjson.dumps({"query": LARGE})
        _, writer = await self._connected(len(body))
        writer.write(body)
        await writer.drain()
        self.slow["slow reader: answer left unread"] += 1
        try:
            await asyncio.sleep(3600)
        finally:
            writer.transport.abort()

    async def _connected(self, length: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self.url.host, self.url.port, limit=1024)
        lines = [
            "POST /graphql HTTP/1.1",
            "Host: localhost",
            *(f"{name}: {value}" for name, value in HEADERS.items()),
            f"Content-Length: {length}",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        return reader, writer


def told(name: str, taken: list[float]) -> str:
    """One line of the report."""
    median, late = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    return f"{name:8} {len(taken):6} queries, median {median:6.1f} ms, p95 {late:6.1f} ms"


def say(heading: str, *lines: str) -> None:
    """Write a heading, and lines below it."""
    sys.stdout.write("\n  ".join([heading, *lines]) + "\n")
    sys.stdout.flush()


async def run(load: Load, rounds: int) -> None:
    """Quiet and attacked in turn, and what came of it."""
    await load.ordinary()
    quiet: list[float] = []
    attacked: list[float] = []
    for number in range(rounds):
        once = await load.ordinary()
        async with load.attack():
            under = await load.ordinary()
        say(f"round {number + 1}", told("quiet", once), told("attacked", under))
        quiet += once
        attacked += under
    lines = [told("quiet", quiet), told("attacked", attacked)]
    lines += [f"{name:24} {dict(answers)}" for name, answers in load.answers.items()]
    lines += [f"{what} ({count})" for what, count in load.slow.items()]
    say("all", *lines)


def main() -> None:
    """Read the command line, serve, attack, report."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=5, help="of each half of a round")
    given.add_argument("--rounds", type=int, default=4)
    given.add_argument("--rate", type=float, default=20, help="hostile requests a second")
    given.add_argument("--clients", type=int, default=4, help="that ask ordinary queries")
    given.add_argument("--database-url", default="sqlite:///trialgraph.db")
    given.add_argument("--executor", default="reference", help="breadth or reference")
    chosen = given.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(
            Path(folder),
            "--demo-if-empty",
            database_url=chosen.database_url,
            executor=chosen.executor,
            body_seconds="3",
            log_level="warning",
        ) as gateway,
    ):
        load = Load(gateway.url, chosen.seconds, chosen.rate, chosen.clients)
        asyncio.run(run(load, chosen.rounds))


if __name__ == "__main__":
    main()
