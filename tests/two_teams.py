"""A graph in which two teams own something of every kind and each names the other's things.

Whose each row is was decided here, by hand, and not by the rules that are tested with it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

import models as m
from models.base import Table
from models.database import Database

T = TypeVar("T", bound=Table)

A, B, BOTH, UNOWNED, NOBODY = "a", "b", "both", "unowned", "nobody"
"""Who sees a row: one team, every team, a team that sees what is unowned, or no team at all."""

OTHER = {A: B, B: A, UNOWNED: B}
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WORD = "lantern"
"""A text that every name holds."""


def identity(row: Any) -> tuple[type[Any], tuple[Any, ...]]:
    """What tells a row apart from every other."""
    mapper: Any = next(filter(None, (inspect(each, raiseerr=False) for each in type(row).__mro__)))
    return mapper.class_, tuple(getattr(row, key.key) for key in mapper.primary_key)


@dataclass
class Two:
    """The graph: whose each row is, and rows by what a test calls them."""

    session: AsyncSession
    side: dict[Any, str] = field(default_factory=dict)
    named: dict[tuple[str, str], Any] = field(default_factory=dict)
    rows: list[Any] = field(default_factory=list)

    async def add(self, side: str, row: T, name: str | None = None) -> T:
        """Write a row that is seen by ``side``."""
        self.session.add(row)
        await self.session.flush()
        self.side[identity(row)] = side
        self.rows.append(row)
        if name:
            self.named[name, side] = row
        return row

    def number(self, name: str, side: str) -> int:
        """The number of a row."""
        return int(self.named[name, side].id)

    def seen_by(self, row: Any, side: str, *, unowned: bool = False) -> bool:
        """Whether a key of that team finds the row. A row made since is nobody's."""
        owners = {side, BOTH, UNOWNED} if unowned else {side, BOTH}
        return self.side.get(identity(row), NOBODY) in owners

    def sourced(self, side: str) -> dict[str, Any]:
        """What every row says: made by one team and changed by the other."""
        return {
            "source_id": self.number("source", BOTH),
            "created_by_id": self.number("user", OTHER[side]),
            "updated_by_id": self.number("user", B if side == B else A),
            "created_at": AT,
        }

    async def sign(self) -> None:
        """Let somebody of the second team have made and changed what nobody signed."""
        for row in self.rows:
            for column in ("created_by_id", "updated_by_id"):
                if hasattr(row, column) and getattr(row, column) is None:
                    setattr(row, column, self.number("user", B))
        await self.session.flush()


async def two_teams(database: Database) -> Two:
    """Write the graph into an empty database."""
    async with database.write() as session:
        two = Two(session)
        source = m.Source(name=WORD, platform=m.Platform.LOCAL)
        await two.add(BOTH, source, "source")
        await _people(two)
        await _shared(two)
        for side in (A, B, UNOWNED):
            await _goals(two, side)
        for side in (A, B, UNOWNED):
            await _metrics(two, side)
            await _used(two, side)
        await _experiments(two)
        for side in (A, B, UNOWNED):
            await _links(two, side)
            await _belongings(two, side)
            await _talk(two, side)
        await _keys(two)
        await _events(two)
        await two.sign()
    return two


async def _people(two: Two) -> None:
    source = two.number("source", BOTH)
    top = await two.add(NOBODY, m.Team(name=f"{WORD} all", source_id=source), "team")
    unused = m.File(source_id=source, file_name="unused.png")
    shared = m.File(source_id=source, file_name="everybody.png")
    await two.add(NOBODY, unused)
    await two.add(BOTH, shared, "avatar")
    for side in (A, B):
        team = m.Team(name=f"{WORD} {side}", source_id=source, parent_id=top.id)
        await two.add(side, team, "team")
        below = m.Team(name=f"{WORD} {side} below", source_id=source, parent_id=team.id)
        await two.add(side, below, "below")
        face = await two.add(side, m.File(source_id=source, file_name=f"{side}.png"), "face")
        user = m.User(source_id=source, email=f"{WORD}@{side}", first_name=WORD, avatar_id=face.id)
        await two.add(side, user, "user")
        await two.add(side, m.TeamMember(team_id=below.id, user_id=user.id))
        twin = m.User(source_id=source, email=f"{WORD}@twin-{side}", avatar_id=shared.id)
        await two.add(side, twin)
        await two.add(side, m.TeamMember(team_id=team.id, user_id=twin.id))
    both = await two.add(BOTH, m.User(source_id=source, email=f"{WORD}@both"), "user")
    for side in (A, B):
        await two.add(BOTH, m.TeamMember(team_id=two.number("below", side), user_id=both.id))
    await two.add(NOBODY, m.User(source_id=source, email=f"{WORD}@nobody"), "user")


async def _shared(two: Two) -> None:
    said: dict[str, Any] = {"source_id": two.number("source", BOTH)}
    for kind in m.TagKind:
        await two.add(BOTH, m.Tag(tag=f"{WORD} {kind}", kind=kind, **said), f"tag {kind}")
    await two.add(BOTH, m.Application(name=WORD, **said), "application")
    await two.add(BOTH, m.UnitType(name=WORD, **said), "unit type")
    await two.add(BOTH, m.MetricCategory(name=WORD, **said), "category")
    await two.add(BOTH, m.CustomField(title=WORD, section="s", **said), "field")
    for side in (A, B):
        team = two.number("below", side)
        policy = m.ApprovalPolicy(name=f"{WORD} {side}", team_id=team, created_at=AT)
        await two.add(side, policy, "policy")
    await two.add(BOTH, m.ApprovalPolicy(name=f"{WORD} any", created_at=AT), "policy")


async def _goals(two: Two, side: str) -> None:
    for name in ("goal", "hidden goal"):
        goal = await two.add(side, m.Goal(name=f"{WORD} {name} {side}", **two.sourced(side)), name)
        if side != UNOWNED:
            team = two.number("below", side)
            await two.add(side, m.GoalTeam(goal_id=goal.id, team_id=team))
    for owner in (A, B):
        user = two.number("user", owner)
        await two.add(side, m.GoalOwner(goal_id=two.number("goal", side), user_id=user))
    tag = two.number(f"tag {m.TagKind.GOAL}", BOTH)
    await two.add(side, m.GoalTag(goal_id=two.number("goal", side), tag_id=tag))


async def _metrics(two: Two, side: str) -> None:
    theirs = two.number("goal", OTHER[side])
    metric = m.Metric(
        name=f"{WORD} {side}",
        goal_id=two.number("goal", side),
        denominator_goal_id=theirs,
        cancellation_goal_id=theirs,
        # What the other team reads through this metric only is no goal of theirs to find.
        relation_goal_id=two.number("hidden goal", OTHER[side]),
        category_id=two.number("category", BOTH),
        **two.sourced(side),
    )
    await two.add(side, metric, "metric")
    if side != UNOWNED:
        team = two.number("below", side)
        await two.add(side, m.MetricTeam(metric_id=metric.id, team_id=team))
    for owner in (A, B):
        user = two.number("user", owner)
        await two.add(side, m.MetricOwner(metric_id=metric.id, user_id=user))
    links = (
        m.MetricTag(metric_id=metric.id, tag_id=two.number(f"tag {m.TagKind.METRIC}", BOTH)),
        m.MetricApplication(metric_id=metric.id, application_id=two.number("application", BOTH)),
        m.MetricUnitType(metric_id=metric.id, unit_type_id=two.number("unit type", BOTH)),
    )
    for link in links:
        await two.add(side, link)


async def _used(two: Two, side: str) -> None:
    """What belongs to the teams of the experiments that use it; unused it is unowned."""
    name, said = f"{WORD} {side}", two.sourced(side)
    await two.add(side, m.Segment(name=name, **said), "segment")
    await two.add(side, m.Holdout(name=name, **said), "holdout")
    await two.add(side, m.SavedMetric(name=name, **said), "saved metric")
    await two.add(side, m.FeatureFlag(key=name, **said), "flag")
    await two.add(side, m.File(file_name=f"shot {name}", **said), "shot")
    if side != UNOWNED:
        unused = (m.Segment, m.Holdout, m.SavedMetric)
        for model in unused:
            await two.add(UNOWNED, model(name=f"{name} unused", **said))
        await two.add(UNOWNED, m.FeatureFlag(key=f"{name} unused", **said))


async def _experiments(two: Two) -> None:
    source = two.number("source", BOTH)
    # A family is seen with any of its experiments; the first one has iterations of both teams.
    for seen, side in ((BOTH, A), (B, B), (UNOWNED, UNOWNED)):
        family = await two.add(seen, m.Family(source_id=source, key=f"{WORD} {side}"))
        two.named["family", side] = family
        await _experiment(two, side, family.id, 1)
    later = await _experiment(two, B, two.number("family", A), 2, "later")
    two.named["experiment", A].template_id = later.id
    later.template_id = two.number("experiment", A)
    await two.session.flush()


async def _experiment(
    two: Two, side: str, family: int, iteration: int, name: str = "experiment"
) -> m.Experiment:
    experiment = m.Experiment(
        key=f"{WORD} {side}",
        name=f"{WORD} {side} {iteration}",
        family_id=family,
        iteration=iteration,
        primary_metric_id=two.number("metric", side),
        unit_type_id=two.number("unit type", BOTH),
        holdout_id=two.number("holdout", side),
        feature_flag_id=two.number("flag", side),
        **two.sourced(side),
    )
    await two.add(side, experiment, name)
    if side != UNOWNED:
        team = two.number("below", side)
        await two.add(side, m.ExperimentTeam(experiment_id=experiment.id, team_id=team))
    return experiment


async def _links(two: Two, side: str) -> None:
    number = two.number("experiment", side)
    for owner in (A, B):
        user = two.number("user", owner)
        await two.add(side, m.ExperimentOwner(experiment_id=number, user_id=user))
        await two.add(side, m.Favorite(experiment_id=number, user_id=user, created_at=AT))
    links = (
        m.ExperimentTag(
            experiment_id=number, tag_id=two.number(f"tag {m.TagKind.EXPERIMENT}", BOTH)
        ),
        m.ExperimentApplication(
            experiment_id=number, application_id=two.number("application", BOTH)
        ),
        m.ExperimentMetric(experiment_id=number, metric_id=two.number("metric", OTHER[side])),
        m.ExperimentSavedMetric(
            experiment_id=number, saved_metric_id=two.number("saved metric", side)
        ),
    )
    for link in links:
        await two.add(side, link)


async def _belongings(two: Two, side: str) -> None:
    number = two.number("experiment", side)
    of: dict[str, Any] = {"experiment_id": number}
    variant = await two.add(side, m.Variant(**of, index=0, key="control"), "variant")
    shown = {A: BOTH, B: B, UNOWNED: UNOWNED}[side]
    two.side[identity(two.named["shot", side])] = shown
    for shower in (A, B) if side == A else (side,):
        screenshot = m.Screenshot(
            experiment_id=two.number("experiment", shower),
            variant_id=variant.id,
            file_id=two.number("shot", side),
        )
        await two.add(shower, screenshot)
    rows: list[Table] = [
        m.Allocation(**of, variant_id=variant.id, segment_id=two.number("segment", side)),
        m.Exposure(**of),
        m.Result(**of, variant_id=variant.id, metric_id=two.number("metric", OTHER[side])),
        m.Result(**of, variant_id=variant.id, metric_id=two.number("metric", side)),
        m.SampleSize(**of),
        m.Alert(**of, **two.sourced(side)),
        m.ScheduledAction(**of, at=AT, action=m.Action.START),
        m.CustomFieldValue(**of, field_id=two.number("field", BOTH), value=WORD),
    ]
    for row in rows:
        await two.add(side, row)
    for owner in (side if side != UNOWNED else A, OTHER[side], BOTH):
        policy = two.number("policy", owner)
        request = m.ChangeRequest(**of, policy_id=policy, created_at=AT)
        await two.add(side, request, "request")
        user = two.number("user", OTHER[side])
        approval = m.Approval(
            change_request_id=request.id, created_by_id=user, decision=m.Decision.APPROVED
        )
        await two.add(side, approval)


async def _talk(two: Two, side: str) -> None:
    """Notes that lead to the other team's experiments, and answers from there."""
    number = two.number("experiment", side)
    theirs = two.number("experiment", OTHER[side])
    note = m.Note(experiment_id=number, new_experiment_id=theirs, note=WORD, **two.sourced(side))
    await two.add(side, note, "note")
    for speaker, experiment in ((side, number), (OTHER[side], theirs)):
        reply = m.Note(
            experiment_id=experiment, reply_to_id=note.id, note=WORD, **two.sourced(speaker)
        )
        await two.add(speaker, reply)


async def _keys(two: Two) -> None:
    bound = {A: (A,), B: (B,), NOBODY: (A, B)}
    for side, teams in bound.items():
        user = two.number("user", B if side == A else A)
        key = m.ApiKey(name=f"{WORD} {side}", prefix="tg_", digest=side, user_id=user)
        key.scopes, key.team_bound = ["tag:read"], True
        await two.add(side, key, "key")
        for team in teams:
            number = two.number("below", team)
            await two.add(side, m.ApiKeyTeam(api_key_id=key.id, team_id=number))
    user = two.number("user", A)
    unbound = m.ApiKey(name=WORD, prefix="tg_", digest="unbound", user_id=user)
    unbound.scopes = ["tag:read"]
    await two.add(NOBODY, unbound)
    nowhere = m.ApiKey(name=WORD, prefix="tg_", digest="nowhere", team_bound=True)
    nowhere.scopes = ["tag:read"]
    await two.add(NOBODY, nowhere)


async def _events(two: Two) -> None:
    """One about each row that has a number, by somebody of the other team."""
    for (model, key), side in list(two.side.items()):
        if len(key) > 1 or model.__name__ not in ABOUT:
            continue
        row = await two.session.get(model, key[0])
        experiment = key[0] if model is m.Experiment else getattr(row, "experiment_id", None)
        for actor in (A, B):
            event = m.Event(
                at=AT,
                action="UPDATE",
                actor=WORD,
                actor_id=two.number("user", actor),
                subject_type=model.__name__,
                subject_id=key[0],
                experiment_id=experiment,
            )
            await two.add(side, event)
            if model is m.Experiment and actor is A:
                await two.add(side, _delivery(two, event, key[0]))
    strange = m.Event(at=AT, action="GUESS", subject_type="Riddle", subject_id=1)
    await two.add(NOBODY, strange)


def _delivery(two: Two, event: m.Event, experiment: int) -> m.Delivery:
    """The event's change, on its way to the platform."""
    return m.Delivery(
        event_id=event.id,
        source_id=two.number("source", BOTH),
        subject_type=event.subject_type,
        subject_id=experiment,
        experiment_id=experiment,
        verb="UPDATE",
    )


ABOUT = {
    *("Alert", "ApiKey", "Application", "Approval", "ApprovalPolicy", "ChangeRequest"),
    *("CustomField", "Experiment", "Family", "FeatureFlag", "File", "Goal", "Holdout", "Metric"),
    *("MetricCategory", "Note", "SavedMetric", "ScheduledAction", "Segment", "Source", "Tag"),
    *("Team", "UnitType", "User", "Variant"),
}
"""What events may be about."""
