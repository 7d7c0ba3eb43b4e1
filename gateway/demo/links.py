"""Who and what an experiment is linked to."""

from collections import Counter
from datetime import timedelta
from functools import partial

from gateway.demo.history import NOW
from gateway.demo.ledger import Ledger
from gateway.demo.trial import Trial
from models import (
    CustomFieldValue,
    ExperimentApplication,
    ExperimentMetric,
    ExperimentOwner,
    ExperimentSavedMetric,
    ExperimentTag,
    ExperimentTeam,
    Favorite,
    MetricRole,
    TagKind,
)


def note_owners(ledger: Ledger, trial: Trial) -> None:
    """Note the people and teams behind an experiment."""
    home = trial.catalog.company.team_named[trial.idea.place.team]
    teams = {home: None}
    if trial.dice.chance(0.3):
        teams[trial.dice.popular(trial.teams[1:])] = None
    for position, person in enumerate(trial.owners):
        ledger.add(ExperimentOwner, experiment_id=trial.id, user_id=person.id, position=position)
    for position, team in enumerate(teams):
        ledger.add(ExperimentTeam, experiment_id=trial.id, team_id=team, position=position)


def note_tags(ledger: Ledger, trial: Trial) -> None:
    """Note the tags."""
    tags = trial.shelf.tags[TagKind.EXPERIMENT]
    for position, tag in enumerate(trial.dice.several(tags, trial.dice.whole(0, 3))):
        ledger.add(ExperimentTag, experiment_id=trial.id, tag_id=tag, position=position)


def note_applications(ledger: Ledger, trial: Trial) -> None:
    """Note where the experiment is shown."""
    chosen = trial.dice.several(trial.shelf.applications, trial.dice.whole(1, 2))
    for position, application in enumerate(chosen):
        versioned = trial.dice.chance(0.3)
        ledger.add(
            ExperimentApplication,
            experiment_id=trial.id,
            application_id=application,
            application_version=f"8.{trial.dice.whole(0, 40)}.0" if versioned else "0",
            position=position,
        )


def note_metrics(ledger: Ledger, trial: Trial) -> None:
    """Note the metrics beside the primary one, and which of all are saved ones."""
    note = partial(ledger.add, experiment_id=trial.id)
    seen: Counter[MetricRole] = Counter()
    for metric, role in trial.beside:
        note(ExperimentMetric, metric_id=metric.id, role=role, position=seen[role])
        seen[role] += 1
    ranked = [(metric, MetricRole.PRIMARY) for metric in (trial.primary,) if metric]
    for position, (metric, role) in enumerate([*ranked, *trial.beside]):
        if metric.id in trial.catalog.saved:
            note(
                ExperimentSavedMetric,
                saved_metric_id=trial.catalog.saved[metric.id],
                role=role,
                link_metadata={"type": role.value.lower()},
                position=position,
            )


def note_favorites(ledger: Ledger, trial: Trial) -> None:
    """Note who follows the experiment: mostly nobody, sometimes many."""
    wanted = trial.dice.popular(range(12)) if trial.dice.chance(0.5) else 0
    span = max(1, int((NOW - trial.history.created).total_seconds() // 60) - 1)
    for position, person in enumerate(trial.dice.several(trial.people, wanted)):
        ledger.add(
            Favorite,
            experiment_id=trial.id,
            user_id=person.id,
            created_at=trial.history.created + timedelta(minutes=trial.dice.whole(1, span)),
            position=position,
        )


def note_custom_values(ledger: Ledger, trial: Trial) -> None:
    """Note what the experiment says in the company's own fields."""
    answered = [said for said in trial.shelf.fields if trial.dice.chance(0.4)]
    for position, (field_id, kind, values) in enumerate(answered):
        named = trial.author.name if kind == "user" else trial.dice.whole(2, 900)
        ledger.add(
            CustomFieldValue,
            experiment_id=trial.id,
            field_id=field_id,
            type=kind,
            value=trial.dice.pick(values).format(named),
            created_at=trial.history.created,
            created_by_id=trial.author.id,
            position=position,
        )
