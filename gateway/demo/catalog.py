"""Everything that experiments share: sources, the company, and what is measured."""

from dataclasses import dataclass, field

from gateway.demo.company import Company, Person, found
from gateway.demo.goals import CountedGoal, claim_goal, counted, note_goal
from gateway.demo.growth import GOALS, METRICS, PEOPLE, TEAMS, arrivals, size
from gateway.demo.history import BEGINNING
from gateway.demo.ledger import Ledger
from gateway.demo.metrics import MetricPlan, Yardstick, claim_metric, note_metric
from gateway.demo.names import DOMAIN
from gateway.demo.patterns import pairs
from gateway.demo.shelves import Shelf, stock
from models import Action, ApprovalPolicy, Platform, SavedMetric, Source, SourceState, TagKind

SOURCES = {platform: f"demo-{platform.value.lower()}" for platform in Platform}
"""The source of every platform."""

SAVED = 6
"""How many of PostHog's metrics are saved ones: all that the smallest demo has."""

POLICIES = (
    ("Full on needs a second pair of eyes", Action.FULL_ON, Platform.ABSMARTLY, 1),
    ("Shipping needs two", Action.FULL_ON, Platform.POSTHOG, 2),
    ("Nothing of the sign-in is deleted alone", Action.DELETE, Platform.AUTH0, 1),
)
"""Name, action, platform and quorum. None of them is about local experiments."""

NO_GOALS_THERE = 40
"""How many events PostHog's metrics may count; it has no goals, only events."""


@dataclass(slots=True)
class Catalog:
    """What experiments refer to, the most used first."""

    company: Company
    shelves: dict[Platform, Shelf]
    goals: dict[Platform, list[CountedGoal]] = field(default_factory=dict)
    metrics: dict[Platform, list[Yardstick]] = field(default_factory=dict)
    saved: dict[int, int] = field(default_factory=dict)
    policies: dict[tuple[Action, Platform], tuple[int, int]] = field(default_factory=dict)

    def people_for(self, number: int) -> tuple[Person, ...]:
        """The people that the experiment of that number may know."""
        return self.company.people[: size(PEOPLE, number)]

    def teams_for(self, number: int) -> tuple[int, ...]:
        """The teams that the experiment of that number may know; the first is everybody's."""
        return self.company.teams[: size(TEAMS, number)]

    def metrics_for(self, platform: Platform, number: int) -> list[Yardstick]:
        """The metrics that the experiment of that number may know."""
        known = self.metrics.get(platform, [])
        return known[: size(METRICS[platform], number)] if known else known


def open_catalog(ledger: Ledger, experiments: int) -> Catalog:
    """Note everything that a demo of that many experiments shares."""
    shelves = {platform: _source(ledger, platform) for platform in Platform}
    company = found(
        ledger,
        shelves[Platform.LOCAL].source_id,
        size(PEOPLE, experiments),
        size(TEAMS, experiments),
    )
    for platform, shelf in shelves.items():
        stock(ledger, platform, shelf)
    catalog = Catalog(company, shelves)
    _goals(ledger, catalog, experiments)
    _metrics(ledger, catalog, experiments)
    _saved_metrics(ledger, catalog)
    _policies(ledger, catalog)
    return catalog


def _source(ledger: Ledger, platform: Platform) -> Shelf:
    host = f"https://{platform.value.lower()}.{DOMAIN}"
    row = ledger.add(
        Source,
        name=SOURCES[platform],
        platform=platform,
        url=None if platform is Platform.LOCAL else host,
        state=SourceState.DETACHED,
        created_at=BEGINNING,
    )
    return Shelf(row)


def _goals(ledger: Ledger, catalog: Catalog, experiments: int) -> None:
    for platform, number in arrivals(GOALS, experiments):
        shelf = catalog.shelves[platform]
        goal = note_goal(ledger, platform, shelf.source_id, number)
        catalog.goals.setdefault(platform, []).append(goal)
        if shelf.tags[TagKind.GOAL]:
            claim_goal(ledger, catalog.company, shelf, goal)
    events = [counted(Platform.POSTHOG, number) for number in range(NO_GOALS_THERE)]
    catalog.goals[Platform.POSTHOG] = events


def _metrics(ledger: Ledger, catalog: Catalog, experiments: int) -> None:
    for platform, number in arrivals(METRICS, experiments):
        shelf, goals = catalog.shelves[platform], catalog.goals[platform]
        pattern, goal = pairs(platform)[number]
        plan = MetricPlan(platform, number, pattern, goals[goal], goals, shelf)
        metric = note_metric(ledger, plan)
        catalog.metrics.setdefault(platform, []).append(metric)
        if shelf.categories:
            claim_metric(ledger, catalog.company, shelf, metric)


def _saved_metrics(ledger: Ledger, catalog: Catalog) -> None:
    for number, metric in enumerate(catalog.metrics[Platform.POSTHOG][:SAVED]):
        catalog.saved[metric.id] = ledger.add(
            SavedMetric,
            source_id=catalog.shelves[Platform.POSTHOG].source_id,
            external_id=str(801 + number),
            name=metric.name,
            description="Shared, so that everybody counts alike.",
            query=metric.definition,
            tags=["shared"],
            created_at=BEGINNING,
        )


def _policies(ledger: Ledger, catalog: Catalog) -> None:
    for name, action, platform, quorum in POLICIES:
        policy = ledger.add(
            ApprovalPolicy,
            name=name,
            action=action,
            platform=platform,
            quorum=quorum,
            expires_after_hours=14 * 24,
            created_at=BEGINNING,
            created_by_id=catalog.company.people[0].id,
        )
        catalog.policies[action, platform] = (policy, quorum)
