"""Made-up people, measures and small things of ABsmartly, some of them archived."""

from datetime import UTC, datetime, timedelta
from random import Random

from tests.platforms.absmartly.nouns import NOUNS, blank, written
from tests.platforms.absmartly.state import AUTHORED, State
from tests.platforms.standin import Row, stamp

BEGINNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NOUN = {noun.plural: noun for noun in NOUNS}
SMALL: dict[str, tuple[Row, ...]] = {
    "applications": tuple({"name": name} for name in ("web", "ios", "android")),
    "environments": (
        {"name": "Production", "type": "production"},
        {"name": "Staging", "type": "development"},
    ),
    "unit_types": tuple({"name": name} for name in ("user_id", "session_id")),
    "experiment_tags": tuple({"tag": tag} for tag in ("checkout", "search", "pricing")),
    "goal_tags": tuple({"tag": tag} for tag in ("revenue", "funnel")),
    "metric_tags": tuple({"tag": tag} for tag in ("north-star", "guardrail")),
    "metric_categories": ({"name": "Revenue"}, {"name": "Engagement"}),
    "segments": tuple(
        {"name": name, "value_source_attribute": name} for name in ("country", "device")
    ),
    "experiment_custom_section_fields": tuple(
        {"title": title, "section_id": 1, "custom_section": {"id": 1, "title": "Description"}}
        for title in ("Hypothesis", "Prediction")
    ),
}
METRIC_TYPES = ("goal_count", "goal_unique_count", "goal_property", "goal_retention")


def at(days: float) -> str:
    """A moment so many days after the beginning."""
    return stamp(BEGINNING + timedelta(days=days))


def fill(here: State, random: Random) -> None:
    """Everything but experiments."""
    _people(here, random)
    for plural, rows in SMALL.items():
        _add(here, plural, *rows)
    _files(here)
    _measures(here, random)
    for table in (here.users, here.applications):
        table[max(table)]["archived"] = True


def _add(here: State, plural: str, *rows: Row) -> None:
    noun, table = NOUN[plural], here.tables[plural]
    for row in rows:
        number = len(table) + 1
        made = {**blank(noun), **written(here, noun, number, row)}
        table[number] = {"id": number, **made, **audit(here, number, nested=plural in AUTHORED)}


def audit(here: State, number: int, *, nested: bool = True) -> Row:
    """Who made a row of that number, and when."""
    author = 1 + number % 3
    people = {"created_by": here.users.get(author), "updated_by": None}
    return {
        "created_at": at(number / 24),
        "created_by_user_id": author,
        "updated_at": None,
        "updated_by_user_id": None,
        **(people if nested else {}),
    }


def _people(here: State, random: Random) -> None:
    names = ("Ada", "Grace", "Edsger", "Barbara", "Alan", "Katherine", "Donald", "Frances")
    _add(
        here,
        "users",
        *(
            {
                "email": f"{name.lower()}@shop.example",
                "first_name": name,
                "last_name": f"No. {number}",
                "department": random.choice(("Growth", "Search", "Payments")),
            }
            for number, name in enumerate(names, 1)
        ),
    )
    _add(here, "teams", {"name": "Everybody", "initials": "EV", "is_global_team": True})
    for number, name in enumerate(("Growth", "Search", "Payments"), 1):
        members = [{"user_id": number}, {"user_id": number + 3}]
        row = {"name": name, "initials": name[:2].upper(), "parent_team_id": 1, "users": members}
        _add(here, "teams", row)


def _files(here: State) -> None:
    for number in (1, 2, 3):
        here.files[number] = {
            "id": number,
            "file_usage_id": 2,
            "width": 1080,
            "height": 720,
            "file_size": 31_000 + number,
            "file_name": f"screen_{number}.png",
            "content_type": "image/png",
            "base_url": f"/files/variant_screenshots/{number:032x}",
            "crop_left": 0.0,
            "crop_top": 0.0,
            "crop_width": 1.0,
            "crop_height": 1.0,
            "created_at": at(number),
            "created_by_user_id": 1,
        }
    here.users[1].update(avatar_file_upload_id=3, avatar=here.files[3])


def _measures(here: State, random: Random) -> None:
    for number in range(1, 7):
        owned = {"owners": [{"user_id": 1 + number % 3}], "teams": [{"team_id": 2 + number % 3}]}
        tagged = {"tags": [{"goal_tag_id": 1 + number % 2}]}
        _add(here, "goals", {"name": f"goal_{number}", "description": "", **owned, **tagged})
    for number in range(1, 13):
        owned = {"owners": [{"user_id": 1 + number % 3}], "teams": [{"team_id": 2 + number % 3}]}
        row: Row = {
            "name": f"Metric {number}",
            "description": f"What metric {number} says.",
            "type": METRIC_TYPES[number % len(METRIC_TYPES)],
            "effect": random.choice(("positive", "negative", "unknown")),
            "goal_id": 1 + number % 6,
            "metric_category_id": 1 + number % 2,
            "lifecycle_status": "draft" if number == 12 else "active",
            "tags": [{"metric_tag_id": 1 + number % 2}],
            "applications": [{"application_id": 1}],
        }
        _add(here, "metrics", row | owned)
    here.metrics[11]["archived"] = True
