"""The small nouns of every platform: units, applications, tags, segments, holdouts, flags."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from gateway.demo.dice import Dice
from gateway.demo.history import BEGINNING
from gateway.demo.ledger import Ledger
from models import (
    Application,
    CustomField,
    FeatureFlag,
    Holdout,
    MetricCategory,
    Platform,
    Segment,
    Tag,
    TagKind,
    UnitType,
)

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

LOCAL, ABSMARTLY, POSTHOG, AUTH0, CHECKMANGO = Platform


@dataclass(slots=True)
class Shelf:
    """What experiments of one platform can refer to: ids, and nothing of what it does not know."""

    source_id: int
    unit_types: list[int] = field(default_factory=list)
    applications: list[int] = field(default_factory=list)
    categories: list[int] = field(default_factory=list)
    tags: dict[TagKind, list[int]] = field(default_factory=lambda: {kind: [] for kind in TagKind})
    segments: list[int] = field(default_factory=list)
    holdouts: list[int] = field(default_factory=list)
    flags: list[tuple[int, str]] = field(default_factory=list)
    fields: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)


# fmt: off
UNIT_TYPES = {
    LOCAL: (("user_id", "People who are signed in."), ("device_id", "One installation of the app."),
            ("booking_id", "One booking.")),
    ABSMARTLY: (("user_id", "People who are signed in."), ("session_id", "One visit."),
                ("visitor_id", "A browser, by its cookie.")),
    POSTHOG: (("person", "A person, by distinct id."),),
    AUTH0: (("device", "A browser that signs in."),),
    CHECKMANGO: (("participant", "Whoever was enrolled."),),
}

APPLICATIONS = {
    LOCAL: ("iOS app", "Android app", "Tablet app"),
    ABSMARTLY: ("www", "Partner site", "Corporate site", "Mobile web"),
}

CATEGORIES = {
    LOCAL: ("Bookings", "Engagement", "Friction", "Loyalty"),
    ABSMARTLY: ("Revenue", "Engagement", "Friction", "Retention", "Service"),
}

TAGS = {
    TagKind.EXPERIMENT: ("checkout", "mobile", "quick win", "pricing", "redesign", "q4", "trust",
                         "copy", "search", "accessibility", "loyalty", "performance", "onboarding",
                         "personalisation", "black friday", "localisation"),
    TagKind.GOAL: ("money", "core", "friction", "engagement", "support"),
    TagKind.METRIC: ("north star", "guardrail", "money", "retention", "friction", "experimental"),
}
TAGGED = {LOCAL: tuple(TagKind), ABSMARTLY: tuple(TagKind), POSTHOG: (TagKind.EXPERIMENT,)}
"""The platforms that have tags, and on what."""

SEGMENTS: dict[Platform, tuple[tuple[str, str | None, list[Any] | None], ...]] = {
    ABSMARTLY: (("Country", "country", None), ("Device", "device_type", None),
                ("Language", "language", None), ("Loyalty level", "loyalty_level", None),
                ("Returning visitors", "is_returning", None)),
    AUTH0: (("Germany and Austria", None, [{"match": {"country": ["DE", "AT"]}}]),
            ("Phones", None, [{"match": {"device_type": ["mobile"]}}]),
            ("Staff", None, [{"match": {"domain": {"ends_with": ["farwater.example"]}}}]),
            ("Old browsers", None, [{"not_match": {"browser": ["Chrome", "Safari", "Firefox"]}}]),
            ("Partners", None, [{"match": {"organization_id": {"exists": True}}}])),
}

HOLDOUTS = {POSTHOG: (("Winter holdout", 5.0), ("Loyalty holdout", 2.0), ("Everything off", 1.0))}

FLAGS = {AUTH0: ("Sign-in page", "Sign-up page", "Password reset", "MFA prompts", "Passkeys",
                 "Consent", "Branding", "Social sign-in", "Error pages", "Account linking")}

FIELDS = {
    LOCAL: (("Release", "Ticket", "string", ("APP-{}", "IOS-{}", "AND-{}")),
            ("Release", "Minimum version", "string", ("8.{}.0", "9.{}.1")),
            ("Risk", "Touches personal data", "boolean", ("true", "false"))),
    ABSMARTLY: (("Delivery", "Ticket", "string", ("WEB-{}", "CRO-{}")),
                ("Delivery", "Analyst", "user", ("{}",)),
                ("Impact", "Expected revenue a year", "number", ("{}000",)),
                ("Impact", "Idea comes from", "string", ("user research", "support", "analytics"))),
}
"""Section, title, type and what is written there."""
# fmt: on


def stock(ledger: Ledger, platform: Platform, shelf: Shelf) -> None:
    """Note the small nouns of a platform, and put them on its shelf."""
    for part in (_units, _applications, _tags, _segments, _holdouts, _flags, _fields):
        part(ledger, platform, shelf)


def _numbered(platform: Platform, start: int, number: int) -> str | None:
    return None if platform is LOCAL else str(start + number)


def _units(ledger: Ledger, platform: Platform, shelf: Shelf) -> None:
    for number, (name, description) in enumerate(UNIT_TYPES[platform]):
        row = ledger.add(
            UnitType,
            source_id=shelf.source_id,
            external_id=_numbered(platform, 40, number),
            name=name,
            description=description,
            created_at=BEGINNING,
        )
        shelf.unit_types.append(row)


def _applications(ledger: Ledger, platform: Platform, shelf: Shelf) -> None:
    for number, name in enumerate(APPLICATIONS.get(platform, ())):
        row = ledger.add(
            Application,
            source_id=shelf.source_id,
            external_id=_numbered(platform, 30, number),
            name=name,
            description=f"{name}, in production.",
            created_at=BEGINNING,
        )
        shelf.applications.append(row)
    for number, name in enumerate(CATEGORIES.get(platform, ())):
        row = ledger.add(
            MetricCategory,
            source_id=shelf.source_id,
            external_id=_numbered(platform, 1, number),
            name=name,
            color=f"#{0x336699 + number * 0x112200:06x}",
            created_at=BEGINNING,
        )
        shelf.categories.append(row)


def _tags(ledger: Ledger, platform: Platform, shelf: Shelf) -> None:
    for kind in TAGGED.get(platform, ()):
        for number, tag in enumerate(TAGS[kind]):
            row = ledger.add(
                Tag,
                source_id=shelf.source_id,
                external_id=_numbered(platform, 1, number),
                kind=kind,
                tag=tag,
                created_at=BEGINNING + timedelta(days=number),
            )
            shelf.tags[kind].append(row)


def _segments(ledger: Ledger, platform: Platform, shelf: Shelf) -> None:
    for number, (name, attribute, rules) in enumerate(SEGMENTS.get(platform, ())):
        opaque = f"seg_{Dice('segment', number).letters(BASE58, 16)}"
        row = ledger.add(
            Segment,
            source_id=shelf.source_id,
            external_id=opaque if rules else _numbered(platform, 10, number),
            name=name,
            value_source_attribute=attribute,
            native_type="self" if rules else None,
            rules=rules,
            created_at=BEGINNING,
        )
        shelf.segments.append(row)


def _holdouts(ledger: Ledger, platform: Platform, shelf: Shelf) -> None:
    for number, (name, share) in enumerate(HOLDOUTS.get(platform, ())):
        external_id = str(501 + number)
        variant = {
            "properties": [],
            "rollout_percentage": share,
            "variant": f"holdout-{external_id}",
        }
        row = ledger.add(
            Holdout,
            source_id=shelf.source_id,
            external_id=external_id,
            name=name,
            description="Left alone, to see what all changes together are worth.",
            filters=[variant],
            exclusion_percentage=share,
            created_at=BEGINNING,
        )
        shelf.holdouts.append(row)


def _flags(ledger: Ledger, platform: Platform, shelf: Shelf) -> None:
    for number, name in enumerate(FLAGS.get(platform, ())):
        external_id = f"flg_{Dice('flag', number).letters(BASE58, 16)}"
        row = ledger.add(
            FeatureFlag,
            source_id=shelf.source_id,
            external_id=external_id,
            key=name,
            name=name,
            native_type="self",
            native_state="active",
            active=True,
            parameters={"layout": {"type": "string", "value": "classic"}},
            created_at=BEGINNING + timedelta(days=number),
        )
        shelf.flags.append((row, external_id))


def _fields(ledger: Ledger, platform: Platform, shelf: Shelf) -> None:
    for number, (section, name, kind, values) in enumerate(FIELDS.get(platform, ())):
        row = ledger.add(
            CustomField,
            source_id=shelf.source_id,
            external_id=_numbered(platform, 1, number),
            title=name,
            section=section,
            type=kind,
            required=False,
            available_in_sdk=False,
            created_at=BEGINNING,
        )
        shelf.fields.append((row, kind, values))
