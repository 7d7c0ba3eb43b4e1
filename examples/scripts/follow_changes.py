# /// script
# requires-python = ">=3.11"
# dependencies = ["gql[websockets]>=4"]
# ///
"""Print every change of an experiment as it happens, each once, over whatever cuts it off.

    TRIALGRAPH_KEY=tg_… python follow_changes.py changes.cursor

The file keeps the place in the log: whoever is started again with it goes on where it ended.
Exit status: 2 the key is not accepted, or may not read experiments.
"""

import asyncio
import os
import sys
from pathlib import Path

from gql import Client, gql
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport

FORBIDDEN = 4403
"""How a socket is closed whose key is not accepted, or not any longer."""

PAUSE = 1.0
"""Seconds until a connection that was cut is made again."""

END = gql("{ eventsCursor }")
FOLLOW = gql("""
subscription Follow($after: String!) {
  experimentsChanged(after: $after) {
    cursor
    event { at action actor }
    experiment { key status }
  }
}
""")


async def main() -> int:
    """Follow until somebody ends it."""
    url = os.environ.get("TRIALGRAPH_URL", "http://127.0.0.1:8000/graphql")
    place = Path(sys.argv[1])
    while True:
        transport = WebsocketsTransport(
            url="ws" + url.removeprefix("http"),
            init_payload={"Authorization": f"Api-Key {os.environ['TRIALGRAPH_KEY']}"},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
        try:
            async with Client(transport=transport) as session:
                await follow(session, place)
        except TransportQueryError as error:
            print(f"The changes cannot be followed: {error}", file=sys.stderr)
            return 2
        except (TransportError, OSError) as error:
            closed = getattr(error.__cause__, "rcvd", None)
            if closed is not None and closed.code == FORBIDDEN:
                print(f"The key is not accepted: {closed.reason}", file=sys.stderr)
                return 2
            print(f"Cut off, and coming again: {error}", file=sys.stderr)
        await asyncio.sleep(PAUSE)


async def follow(session: AsyncClientSession, place: Path) -> None:
    """Print what happens from the place on, and move the place behind it."""
    after = kept(place) or (await session.execute(END))["eventsCursor"]
    keep(place, after)
    FOLLOW.variable_values = {"after": after}
    async for answer in session.subscribe(FOLLOW):
        change = answer["experimentsChanged"]
        event, experiment = change["event"], change["experiment"]
        print(event["at"], experiment["key"], event["action"], experiment["status"], flush=True)
        # Written last: whoever is killed before it prints the line twice rather than never.
        keep(place, change["cursor"])


def kept(place: Path) -> str:
    """The cursor in the file; empty where there is none yet."""
    return place.read_text() if place.exists() else ""


def keep(place: Path, cursor: str) -> None:
    """Put a cursor into the file."""
    place.write_text(cursor)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
