"""Variants, who is allocated to them, and what they look like."""

import json

from gateway.demo.cast import Lack
from gateway.demo.flags import VARIANT_KEYS
from gateway.demo.ledger import Ledger
from gateway.demo.shelves import BASE58
from gateway.demo.trial import Trial
from models import Allocation, File, Platform, Screenshot, Variant

CONFIGURED = frozenset({Platform.LOCAL, Platform.ABSMARTLY})
"""The platforms whose variants carry a config for the program that shows them."""

PICTURED = 0.1
"""The share of those experiments that has pictures of its variants."""


def note_variants(ledger: Ledger, trial: Trial) -> None:
    """Note the variants, the control first."""
    keys = VARIANT_KEYS.get(trial.platform)
    opaque = trial.platform is Platform.AUTH0
    for index, share in enumerate(trial.split):
        row = ledger.add(
            Variant,
            experiment_id=trial.id,
            external_id=f"var_{trial.dice.letters(BASE58, 16)}" if opaque else None,
            index=index,
            key=keys[index] if keys else None,
            name=None if trial.platform is Platform.CHECKMANGO else trial.idea.treatment(index),
            description=trial.idea.change.effect if index == 1 else None,
            is_control=index == 0 and trial.case.lack is not Lack.CONTROL,
            weight=None if trial.by_segment else share,
            config=_config(trial, index),
            created_at=trial.history.created,
        )
        trial.variant_ids.append(row)


def note_allocations(ledger: Ledger, trial: Trial) -> None:
    """Note which units get which variant (Auth0): a share each, or a segment each."""
    segments = trial.dice.several(trial.shelf.segments, len(trial.split))
    for index, (variant_id, share) in enumerate(zip(trial.variant_ids, trial.split, strict=True)):
        fallback = trial.by_segment and index == 0
        ledger.add(
            Allocation,
            experiment_id=trial.id,
            variant_id=variant_id,
            segment_id=segments[index] if trial.by_segment and not fallback else None,
            weight=None if trial.by_segment else share,
            priority=index if trial.by_segment and not fallback else None,
            is_control=index == 0,
            is_fallback=fallback,
            position=index,
        )


def note_screenshots(ledger: Ledger, trial: Trial) -> None:
    """Note pictures of the variants of a few experiments."""
    if not trial.dice.chance(PICTURED):
        return
    for index, variant_id in enumerate(trial.variant_ids):
        name = f"{trial.key}-{index}.png"
        picture = ledger.add(
            File,
            source_id=trial.shelf.source_id,
            file_name=name,
            content_type="image/png",
            base_url=f"/files/variant_screenshots/{trial.number:06d}",
            width=1280,
            height=800,
            file_size=120_000 + trial.dice.whole(0, 400_000),
            usage="variant_screenshots",
            created_at=trial.history.created,
            created_by_id=trial.author.id,
        )
        ledger.add(
            Screenshot,
            experiment_id=trial.id,
            variant_id=variant_id,
            variant_index=index,
            file_id=picture,
            label=trial.idea.treatment(index),
            position=index,
        )


def _config(trial: Trial, index: int) -> str | None:
    word = trial.idea.treatment(index).lower()
    if trial.platform in CONFIGURED:
        return json.dumps({trial.idea.element.replace(" ", "_"): word})
    if trial.platform is Platform.AUTH0:
        return json.dumps({"layout": {"value": word}} if index else {})
    return None
