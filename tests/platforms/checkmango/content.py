"""Made-up content of Checkmango: two teams, in which the same keys mean different things."""

from datetime import UTC, datetime, timedelta
from random import Random

from tests.platforms.checkmango.state import State
from tests.platforms.standin import Row

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
STATUSES = ("draft", "running", "stopped")
EVENTS = 5
VARIANTS = ("CONTROL", "VARIANT_A", "VARIANT_B")
"""The same keys in every experiment."""


def at(days: float) -> str:
    """A moment so many days after the beginning."""
    return f"{BEGINNING + timedelta(days=days):%Y-%m-%d %H:%M:%S}"


def fill(here: State, random: Random, count: int) -> None:
    """Replace everything: of ten experiments, one is in the second team."""
    for table in (here.experiments, here.teams, here.variants, here.events):
        table.clear()
    here.statistics.clear()
    for number, name in enumerate(("Shop", "Blog"), 1):
        _team(here, number, name)
    placed = {1: 0, 2: 0}
    for number in range(1, count + 1):
        team = 2 if number % 10 == 0 else 1
        placed[team] += 1
        _experiment(here, random, number, team, placed[team])
    for team, row in here.teams.items():
        row["experiments_count"] = placed[team]


def _team(here: State, number: int, name: str) -> None:
    here.teams[number] = {
        "id": number,
        "name": name,
        "events_count": EVENTS,
        "experiments_count": 0,
        "participants_count": 0,
        "is_free": False,
        "api_requests": 0,
        "created": at(number),
        "updated": at(number),
    }
    for place in range(1, EVENTS + 1):
        event = (number - 1) * EVENTS + place
        here.events[event] = {
            "id": event,
            "team_id": number,
            "key": f"EVENT_{place}",
            "type": ("unique", "count")[place % 2],
            "description": f"What event {place} counts.",
            "created": at(number),
            "updated": at(number),
        }


def _experiment(here: State, random: Random, number: int, team: int, place: int) -> None:
    status = STATUSES[place % len(STATUSES)]
    day = number / 24
    here.experiments[number] = {
        "id": number,
        "team_id": team,
        "key": f"EXPERIMENT_{place:05}",
        "description": f"What experiment **{place}** is about.",
        "status": status,
        "event_id": (team - 1) * EVENTS + random.randint(1, EVENTS),
        "algorithm_type": random.choice(("blockRandomization", "weightedSample", "whiplash")),
        "created": at(day),
        "updated": at(day + 1),
        "started": at(day + 1) if status != "draft" else None,
        "stopped": at(day + 8) if status == "stopped" else None,
    }
    for key in VARIANTS[: random.choice((2, 3))]:
        variant = len(here.variants) + 1
        row: Row = {
            "id": variant,
            "team_id": team,
            "experiment_id": number,
            "key": key,
            "control": key == "CONTROL",
            "description": None,
            "traffic": 50,
            "created": at(day),
            "updated": at(day),
        }
        here.variants[variant] = row
