"""What the experiments of the demo graph share: teams, people, goals, metrics, ideas."""

from collections import Counter
from functools import cache
from typing import Any

import pytest

from gateway.demo.catalog import open_catalog
from gateway.demo.growth import GOALS, METRICS, MOST, PEOPLE, TEAMS, size
from gateway.demo.ideas import THEMES, idea
from gateway.demo.ledger import Ledger
from gateway.demo.story import tell
from models import MetricType, Platform, TagKind

Row = dict[str, Any]


@cache
def told(experiments: int) -> dict[str, list[Row]]:
    """The rows of every table, as they would be written."""
    ledger = Ledger()
    list(tell(ledger, experiments))
    return {table.name: rows for table, rows in ledger.drain()}


def of(table: str, experiments: int = 300) -> list[Row]:
    """The rows of one table."""
    return told(experiments)[table]


def test_some_are_shared_by_many_and_some_by_few() -> None:
    for table, column, most in (
        ("experiment", "primary_metric_id", 25),
        ("experiment_owner", "user_id", 15),
        ("experiment_metric", "metric_id", 30),
    ):
        shared = Counter(row[column] for row in of(table) if row[column])
        assert max(shared.values()) >= most
        assert min(shared.values()) <= 2


def test_teams_are_one_tree_of_three_or_four_levels() -> None:
    parents = {row["id"]: row["parent_id"] for row in of("team")}

    def level(team: int | None) -> int:
        return 0 if team is None else 1 + level(parents[team])

    assert list(parents.values()).count(None) == 1
    assert max(map(level, parents)) == 4
    assert [row["is_global"] for row in of("team", 1)].count(True) == 1


def test_metrics_are_of_every_type_and_tags_of_every_family() -> None:
    metrics = of("metric", 40)
    ratios = [row for row in metrics if row["type"] is MetricType.GOAL_RATIO]

    assert {row["type"] for row in metrics} == set(MetricType) - {MetricType.OTHER}
    assert all(row["denominator_goal_id"] and row["denominator_type"] for row in ratios)
    assert {row["kind"] for row in of("tag", 40)} == set(TagKind)


@pytest.mark.parametrize("experiments", [1, 30, 900, 27_000, MOST])
def test_the_company_grows_slowly_and_nobody_is_in_it_twice(experiments: int) -> None:
    ledger = Ledger()
    open_catalog(ledger, experiments)
    rows = {table.name: rows for table, rows in ledger.drain()}

    people, teams = rows["user"], rows["team"]
    assert 40 <= len(people) == len({row["email"] for row in people}) <= 400
    assert 15 <= len(teams) == len({row["name"] for row in teams}) <= 40
    for table, fewest, most in (("metric", 30, 400), ("goal", 12, 200)):
        names = [(row["source_id"], row["name"]) for row in rows[table]]
        assert fewest <= len(names) == len(set(names)) <= most
    assert all(row["email"].isascii() for row in people)
    assert not all(row["last_name"].isascii() for row in people)


def test_the_largest_company_has_its_full_size() -> None:
    spans = [PEOPLE, TEAMS, *GOALS.values(), *METRICS.values()]
    assert [size(span, 1) for span in spans] == [fewest for fewest, _ in spans]
    assert [size(span, MOST) for span in spans] == [most for _, most in spans]


def test_there_are_enough_ideas_for_the_largest_demo() -> None:
    for theme, wanted in ((THEMES[Platform.LOCAL], 90_000), (THEMES[Platform.AUTH0], 10_000)):
        assert len({idea(theme, number).key for number in range(wanted)}) == wanted
