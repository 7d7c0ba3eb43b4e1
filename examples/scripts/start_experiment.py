# /// script
# requires-python = ">=3.11"
# dependencies = ["gql[httpx]>=4"]
# ///
"""Start an experiment safely: look first, rehearse, then start exactly what was looked at, once.

    TRIALGRAPH_KEY=tg_… python start_experiment.py checkout_button "as agreed with the team"

Exit status: 0 it runs now, 1 it was refused, 2 the gateway could not be asked.
"""

import os
import sys
from typing import Any

from gql import Client, gql
from gql.transport.exceptions import TransportError
from gql.transport.httpx import HTTPXTransport

LOOK = gql("""
query Look($key: String!) {
  experiment(key: $key) {
    id
    version
    phase
    availableTransitions { action allowed missingScope blockers { message } }
  }
}
""")

START = gql("""
mutation Start($input: StartExperimentInput!) {
  startExperiment(input: $input) {
    ok
    replayed
    errors {
      message
      ... on NotReady { blockers { message } }
      ... on StaleVersion { currentVersion }
      ... on ApprovalRequired { changeRequest { id } }
    }
    experiment { phase version startedAt }
  }
}
""")


def main() -> int:
    """Start the experiment that the command line names."""
    key, note = sys.argv[1], " ".join(sys.argv[2:]) or None
    url = os.environ.get("TRIALGRAPH_URL", "http://127.0.0.1:8000/graphql")
    headers = {"Authorization": f"Api-Key {os.environ['TRIALGRAPH_KEY']}"}
    transport = HTTPXTransport(url=url, headers=headers, timeout=30)
    try:
        with Client(transport=transport) as session:
            return start(session, key, note)
    except (TransportError, OSError) as error:
        print(f"The gateway could not be asked: {error}", file=sys.stderr)
        return 2


def start(session: Any, key: str, note: str | None) -> int:
    """Look, rehearse, start."""
    seen = execute(session, LOOK, key=key)["experiment"]
    if seen is None:
        print(f"There is no experiment {key!r}.", file=sys.stderr)
        return 1
    wanted = {
        "id": seen["id"],
        "note": note,
        # If somebody changes it between the look and the start, nothing happens.
        "expectedVersion": seen["version"],
        # If the answer is lost on the way, asking again starts nothing twice.
        "idempotencyKey": f"start {key} at version {seen['version']}",
    }
    rehearsed = execute(session, START, input={**wanted, "dryRun": True})["startExperiment"]
    if not rehearsed["ok"]:
        return refused(key, rehearsed)
    answer = execute(session, START, input=wanted)["startExperiment"]
    if not answer["ok"]:
        return refused(key, answer)
    print(f"{key} is {answer['experiment']['phase']} since {answer['experiment']['startedAt']}.")
    return 0


def execute(session: Any, document: Any, **variables: Any) -> Any:
    """What the gateway answers."""
    document.variable_values = variables
    return session.execute(document)


def refused(key: str, answer: Any) -> int:
    """Say everything that is in the way."""
    print(f"{key} was not started:", file=sys.stderr)
    for error in answer["errors"]:
        blockers = error.get("blockers") or [error]
        print("\n".join(f"- {blocker['message']}" for blocker in blockers), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
