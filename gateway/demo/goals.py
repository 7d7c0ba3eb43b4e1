"""The events that the company counts, and their rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from gateway.demo.company import Company
from gateway.demo.dice import Dice
from gateway.demo.history import BEGINNING
from gateway.demo.ledger import Ledger
from gateway.demo.shelves import Shelf
from models import Goal, GoalOwner, GoalTag, GoalTeam, GoalType, Platform, TagKind


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that people do.

    ``good`` says whether more of it is better, ``paid`` whether there is an amount in it.
    """

    event: str
    thing: str
    things: str
    good: bool = True
    paid: bool = False


# fmt: off
SUBJECTS = (
    Subject("booking_completed", "booking", "bookings", paid=True),
    Subject("checkout_started", "checkout", "checkouts"),
    Subject("search_performed", "search", "searches"),
    Subject("support_contacted", "support contact", "support contacts", good=False),
    Subject("hotel_viewed", "hotel view", "hotel views"),
    Subject("booking_cancelled", "cancellation", "cancellations", good=False, paid=True),
    Subject("payment_submitted", "payment", "payments", paid=True),
    Subject("account_created", "sign-up", "sign-ups"),
    Subject("result_clicked", "result click", "result clicks"),
    Subject("room_selected", "room selection", "room selections"),
    Subject("page_abandoned", "abandoned page", "abandoned pages", good=False),
    Subject("wishlist_added", "saved place", "saved places"),
    Subject("review_written", "review", "reviews"),
    Subject("newsletter_subscribed", "subscription", "subscriptions"),
    Subject("coupon_applied", "coupon", "coupons"),
    Subject("payment_declined", "declined payment", "declined payments", good=False),
    Subject("seat_chosen", "seat choice", "seat choices"),
    Subject("insurance_added", "insurance", "insurances", paid=True),
    Subject("offer_opened", "opened offer", "opened offers"),
    Subject("error_shown", "error page", "error pages", good=False),
    Subject("points_redeemed", "redemption", "redemptions"),
    Subject("friend_invited", "invitation", "invitations"),
    Subject("refund_issued", "refund", "refunds", good=False, paid=True),
    Subject("trip_shared", "shared trip", "shared trips"),
)
"""What is counted on every surface, the most watched first."""

DENOMINATOR = 2
"""The number of the search among the subjects: ratios are counted per search."""

SURFACES = {
    Platform.ABSMARTLY: ("", "partner", "corporate", "mobile web", "widget"),
    Platform.LOCAL: ("app", "tablet", "watch"),
    Platform.POSTHOG: ("web", "kiosk"),
    Platform.CHECKMANGO: ("landing", "campaign"),
}
"""Where a platform counts, the first surface first: every one of them has all subjects."""
# fmt: on

EXTERNAL_IDS: dict[Platform, Callable[[str, int], str | None]] = {
    Platform.LOCAL: lambda _name, _number: None,
    Platform.ABSMARTLY: lambda _name, number: str(70 + number),
    Platform.CHECKMANGO: lambda name, _number: name,
}
"""What a platform calls a goal; those that are not here have no goals."""


@dataclass(frozen=True, slots=True)
class CountedGoal:
    """A goal as metrics name it; ``id`` is None where a platform has no goals of its own."""

    id: int | None
    key: str
    thing: str
    things: str
    subject: Subject


def counted(platform: Platform, number: int) -> CountedGoal:
    """The goal of that number on a platform, not yet noted."""
    surface = SURFACES[platform][number // len(SUBJECTS)]
    subject = SUBJECTS[number % len(SUBJECTS)]
    prefix = f"{surface} " if surface else ""
    key = f"{prefix}{subject.event}".replace(" ", "_")
    thing, things = f"{prefix}{subject.thing}", f"{prefix}{subject.things}"
    return CountedGoal(None, key, thing, things, subject)


def note_goal(ledger: Ledger, platform: Platform, source_id: int, number: int) -> CountedGoal:
    """Note the goal of that number."""
    goal = counted(platform, number)
    shouts = platform is Platform.CHECKMANGO
    dice = Dice("goal", platform, number)
    kind = dice.pick((GoalType.UNIQUE, GoalType.COUNT)) if shouts else None
    name = goal.key.upper() if shouts else goal.key
    row = ledger.add(
        Goal,
        source_id=source_id,
        external_id=EXTERNAL_IDS[platform](name, number),
        name=name,
        description=f"Somebody's {goal.thing} was recorded.",
        type=kind,
        native_type=kind.value.lower() if kind else None,
        archived=number > len(SUBJECTS) and dice.chance(0.06),
        created_at=BEGINNING + timedelta(days=number),
    )
    return CountedGoal(row, name, goal.thing, goal.things, goal.subject)


def claim_goal(ledger: Ledger, company: Company, shelf: Shelf, goal: CountedGoal) -> None:
    """Note who owns a goal, and its tags."""
    dice = Dice("owner of goal", goal.key)
    note = partial(ledger.add, goal_id=goal.id)
    note(GoalTeam, team_id=dice.popular(company.teams))
    note(GoalOwner, user_id=dice.popular(company.people).id)
    for position, tag in enumerate(dice.several(shelf.tags[TagKind.GOAL], dice.whole(0, 2))):
        note(GoalTag, tag_id=tag, position=position)
