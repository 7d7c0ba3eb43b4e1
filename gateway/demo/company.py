"""The company: its people and its teams, the same for experiments of every platform."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from gateway.demo.dice import Dice
from gateway.demo.history import BEGINNING, NOW
from gateway.demo.ledger import Ledger
from gateway.demo.names import COLORS, DIRECTORY_LETTERS, DOMAIN, JOBS, PEOPLE, TEAMS
from models import File, Team, TeamMember, User

WITH_PORTRAIT = 24
"""How many people have uploaded a picture; fewer than there are in the smallest company."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A person as experiments, notes and events name them."""

    id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Company:
    """People and teams, the busiest first; a team is found by its name too."""

    people: tuple[Person, ...]
    teams: tuple[int, ...]
    team_named: dict[str, int]


def found(ledger: Ledger, source_id: int, people: int, teams: int) -> Company:
    """Note the rows of a company of that size."""
    portraits = [_portrait(ledger, source_id, number) for number in range(WITH_PORTRAIT)]
    known = tuple(_person(ledger, source_id, portraits, number) for number in range(people))
    named: dict[str, int] = {}
    for number in range(teams):
        named[TEAMS[number][0]] = _team(ledger, source_id, named, known, number)
    _members(ledger, known, tuple(named.values()))
    return Company(known, tuple(named.values()), named)


def full_name(number: int) -> tuple[str, str]:
    """Given name and family name of a person; 420 of them differ."""
    given, family = PEOPLE[number % len(PEOPLE)]
    turn = number // len(PEOPLE)
    givens, families = given.split(), family.split()
    return givens[turn % len(givens)], families[
        (turn // len(givens) + turn % len(givens)) % len(families)
    ]


def address(given: str, family: str) -> str:
    """The e-mail address: the same name in plain letters."""
    spelt = "".join(DIRECTORY_LETTERS.get(letter, letter) for letter in f"{given}.{family}")
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return f"{plain.lower()}@{DOMAIN}"


def _portrait(ledger: Ledger, source_id: int, number: int) -> int:
    name = f"{'-'.join(full_name(number))}.jpg".lower()
    return ledger.add(
        File,
        source_id=source_id,
        file_name=name,
        content_type="image/jpeg",
        base_url=f"/files/avatars/{number + 1:04d}",
        width=512,
        height=512,
        file_size=38_000 + 977 * number,
        crop_left=0.0,
        crop_top=0.0,
        crop_width=1.0,
        crop_height=1.0,
        usage="avatars",
        created_at=BEGINNING + timedelta(days=number),
    )


def _person(ledger: Ledger, source_id: int, portraits: list[int], number: int) -> Person:
    given, family = full_name(number)
    dice = Dice("person", number)
    email = address(given, family)
    seen = NOW - timedelta(hours=dice.whole(1, 2000)) if dice.chance(0.9) else None
    pictured = number < len(portraits)
    person = ledger.add(
        User,
        source_id=source_id,
        email=email,
        first_name=given,
        last_name=family,
        department=dice.pick(("Product", "Engineering", "Design", "Analytics", "Marketing")),
        job_title=dice.pick(JOBS),
        directory_id=f"u-{10_000 + number}",
        archived=number >= WITH_PORTRAIT and dice.chance(0.05),
        avatar_id=portraits[number] if pictured else None,
        avatar_url=f"/files/avatars/{number + 1:04d}" if pictured else None,
        last_login_at=seen,
        consecutive_login_failures=0,
        created_at=BEGINNING + timedelta(days=number),
    )
    return Person(person, f"{given} {family}", email)


def _team(
    ledger: Ledger,
    source_id: int,
    named: dict[str, int],
    people: tuple[Person, ...],
    number: int,
) -> int:
    name, parent, purpose = TEAMS[number]
    words = name.split()
    return ledger.add(
        Team,
        source_id=source_id,
        name=name,
        initials="".join(word[0] for word in words) if words[1:] else name[:2].upper(),
        color=COLORS[number % len(COLORS)],
        description=purpose,
        directory_id=f"g-{100 + number}",
        is_global=parent is None,
        parent_id=named[parent] if parent is not None else None,
        created_at=BEGINNING + timedelta(hours=number),
        created_by_id=people[0].id,
    )


def _members(ledger: Ledger, people: tuple[Person, ...], teams: tuple[int, ...]) -> None:
    """Everybody works in one team or two; who comes first leads."""
    below_root = teams[1:]
    positions = dict.fromkeys(teams, 0)
    for number, person in enumerate(people):
        dice = Dice("member", number)
        chosen = {below_root[number % len(below_root)]: None}
        if dice.chance(0.25):
            chosen[dice.pick(below_root)] = None
        for team in chosen:
            ledger.add(TeamMember, team_id=team, user_id=person.id, position=positions[team])
            positions[team] += 1
