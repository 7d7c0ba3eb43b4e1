"""The switches behind experiments: one for each of PostHog's, a few shared ones on Auth0."""

from collections.abc import Callable

from gateway.demo.cast import Overlay
from gateway.demo.ledger import Ledger, Values
from gateway.demo.trial import Trial
from models import FeatureFlag, Phase, Platform

SHIPPED_PERCENT = 100.0

VARIANT_KEYS: dict[Platform, tuple[str, ...]] = {
    Platform.LOCAL: ("control", "treatment", "treatment_2", "treatment_3"),
    Platform.POSTHOG: ("control", "test", "test-2", "test-3"),
    Platform.CHECKMANGO: ("CONTROL", "VARIANT_A", "VARIANT_B", "VARIANT_C"),
}
"""What a platform calls its variants; the others have names only."""


def note_flag(ledger: Ledger, trial: Trial) -> None:
    """Note the flag of an experiment, or choose one, where the platform has them."""
    if trial.platform in FLAGS:
        trial.flag_id = FLAGS[trial.platform](ledger, trial)


def flag_variants(trial: Trial, share: str) -> list[Values]:
    """The variants as PostHog writes them; ``share`` names the key of the percentage."""
    keys = VARIANT_KEYS[Platform.POSTHOG]
    shipped = trial.case.overlay is Overlay.SHIPPED
    return [
        {
            "key": keys[index],
            "name": trial.idea.treatment(index),
            share: SHIPPED_PERCENT * (index == trial.winner) if shipped else percent,
        }
        for index, percent in enumerate(trial.split)
    ]


def _posthog(ledger: Ledger, trial: Trial) -> int:
    off = trial.case.phase in {Phase.DRAFT, Phase.PAUSED}
    return ledger.add(
        FeatureFlag,
        source_id=trial.shelf.source_id,
        external_id=str(90_000 + trial.number),
        key=trial.key,
        name=f"Feature flag of {trial.idea.name}",
        active=not off,
        filters={
            "groups": [{"properties": [], "rollout_percentage": 100}],
            "multivariate": {"variants": flag_variants(trial, "rollout_percentage")},
        },
        created_at=trial.history.created,
        created_by_id=trial.author.id,
    )


def _auth0(ledger: Ledger, trial: Trial) -> int:
    del ledger
    return trial.dice.popular(trial.shelf.flags)[0]


FLAGS: dict[Platform, Callable[[Ledger, Trial], int]] = {
    Platform.POSTHOG: _posthog,
    Platform.AUTH0: _auth0,
}
