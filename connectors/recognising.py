"""Which platform documents are from: told by their outermost keys, and by the first thing in each.

A document that may be from several is decided by the others, or by whoever imports it.
"""

from collections.abc import Iterable, Sequence

from connectors.absmartly.answers import ABSMARTLY
from connectors.auth0.answers import AUTH0
from connectors.checkmango.answers import CHECKMANGO
from connectors.errors import PayloadRefused
from connectors.payloads.outline import Outline
from connectors.payloads.vocabulary import Vocabulary
from connectors.posthog.answers import POSTHOG
from models.phase import Platform

VOCABULARIES = {words.platform: words for words in (ABSMARTLY, POSTHOG, AUTH0, CHECKMANGO)}


def vocabulary_of(platform: Platform) -> Vocabulary | None:
    """All that a platform says; None for LOCAL, which is nowhere else."""
    return VOCABULARIES.get(platform)


def recognised(outlines: Sequence[Outline], given: Vocabulary | None) -> Vocabulary:
    """The one platform that all documents are from, which may be given.

    Raises PayloadRefused for a document that tells of a failure, that is of another platform or of
    none, and where it cannot be told.
    """
    possible = list(VOCABULARIES.values()) if given is None else [given]
    for outline in outlines:
        claimed = _claimed(outline)
        agreed = [words for words in possible if words in claimed]
        if not agreed:
            raise PayloadRefused(outline.document.name, None, _foreign(outline, claimed, possible))
        possible = agreed
    if len(possible) > 1:
        name = outlines[0].document.name if outlines else "no file"
        reason = f"it may be from {_or(possible)}: say which platform it is from"
        raise PayloadRefused(name, None, reason)
    return possible[0]


def _claimed(outline: Outline) -> list[Vocabulary]:
    """The platforms that a document may be from. Raises PayloadRefused where it is a failure."""
    head, words = outline.head, VOCABULARIES.values()
    if head is None:
        return []
    claimed = [each for each in words if each.claims(head)]
    failures = [] if claimed else [text for each in words if (text := each.failure(head))]
    if failures:
        reason = f"the platform answered with a failure: {' '.join(failures[0].split())}"
        raise PayloadRefused(outline.document.name, None, reason)
    return claimed


def _foreign(
    outline: Outline, claimed: Sequence[Vocabulary], possible: Sequence[Vocabulary]
) -> str:
    if claimed:
        return f"this is from {_or(claimed)}, and not from {_or(possible)}"
    return f"not a payload of {_or(possible)}: {outline.found}"


def _or(words: Iterable[Vocabulary]) -> str:
    *most, last = [each.name for each in words]
    return f"{', '.join(most)} or {last}" if most else last
