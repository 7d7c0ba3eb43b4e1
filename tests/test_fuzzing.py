"""Operations of the whole graph, made up by schemathesis: none finds a defect, whoever asks."""

from pathlib import Path
from random import SystemRandom
from typing import Any

import graphql
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.graphql import nodes

from tests.fuzzing import READERS, SOAK, Target, target
from tests.odd_values import DECIMALS, EDGES, MOMENTS, rarely, texts
from tests.serving import KEY

pytestmark = pytest.mark.large

MANY = 1000 if SOAK else 24
RANDOM = SystemRandom().randrange(10**9)

SDL = Path(__file__).parent.parent / "schema/schema.graphql"
COUNT = """query($a: String!) { events(where: { actor: { eq: $a } }) { totalCount } }"""


def spoken(here: Target) -> Any:
    """The graph, with values for what schemathesis does not know."""
    known = [each for some in here.ids.values() for each in some]
    ids = rarely(texts | st.sampled_from(known), st.sampled_from(here.ids["Experiment"]))
    moments = rarely(st.sampled_from(MOMENTS), st.datetimes().map(lambda at: f"{at}Z"))
    for name, values, node in (
        ("ID", ids, nodes.String),
        ("DateTime", moments, nodes.String),
        ("Decimal", st.sampled_from(DECIMALS), nodes.String),
        (
            "BigInt",
            st.sampled_from(EDGES).map(str),
            lambda digits: graphql.IntValueNode(value=digits),
        ),
        ("JSON", texts, nodes.String),
    ):
        schemathesis.graphql.scalar(name, values.map(node))
    return schemathesis.graphql.from_path(SDL)


def asked(
    here: Target, keys: dict[str, str], made: st.SearchStrategy[Any], number: int, count: int
) -> None:
    """Ask with each of the keys, and without one."""

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made)
    def ask(case: Any) -> None:
        for key in keys.values():
            headers = {"Authorization": f"Api-Key {key}"} if key else {}
            response = here.http.post("graphql", json={"query": case.body}, headers=headers)
            case.validate_response(response, checks=[not_a_server_error])
            answer = here.sound(response)
            if not key:
                assert [each["extensions"]["code"] for each in answer["errors"]] == [
                    "UNAUTHENTICATED"
                ]

    ask()


@pytest.mark.parametrize(
    ("new_database_url", "number"),
    [("sqlite", 1), ("sqlite", RANDOM), ("postgresql", 1)],
    indirect=["new_database_url"],
    ids=["sqlite-fixed", "sqlite-random", "postgresql-fixed"],
)
def test_operations_of_the_whole_graph_are_answered(
    new_database_url: str, number: int, tmp_path: Path
) -> None:
    with target(tmp_path, database_url=new_database_url) as here:
        keys = {"admin": KEY, "reader": here.key("reader", *READERS), "nobody": ""}
        graph = spoken(here)
        asked(here, keys, graph.as_strategy(), number, MANY)
        queries = graph["Query"].as_strategy()
        asked(here, keys, queries, number, MANY // 2)
        asked(here, keys, graph.as_strategy(GenerationMode.NEGATIVE), number, MANY // 2)
        assert here.counts["answered"] > MANY / 2
        assert here.ask(COUNT, {"a": "reader"})["data"] == {"events": {"totalCount": 0}}
