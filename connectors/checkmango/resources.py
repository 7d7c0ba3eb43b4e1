"""JSON:API as Checkmango writes it, in the forms of 2021 and of 2024: what its documents say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an experiment is: its team, which stays, and its key, which may change."""

    team: str
    key: str

    @property
    def path(self) -> str:
        """The path of the experiment."""
        return f"teams/{self.team}/experiments/{quote(self.key, safe='')}"

    def variant(self, key: str) -> str:
        """The path of one of its variants."""
        return f"{self.path}/variants/{quote(key, safe='')}"


def place_of(experiment: Mapping[str, Any]) -> Place:
    """Where an experiment is, by what it says."""
    said = attributes(experiment)
    return Place(str(said.get("team_id")), str(said.get("key")))


def data_of(document: Any) -> list[Row]:
    """The resources that a document is about."""
    data = document.get("data") if isinstance(document, dict) else None
    found = data if isinstance(data, list) else [data]
    return [each for each in found if isinstance(each, dict)]


def included(document: Any, kind: str) -> list[Row]:
    """The resources of a kind that a document includes."""
    found = document.get("included") or ()
    return [each for each in found if isinstance(each, dict) and kind_of(each) == kind]


def kind_of(resource: Mapping[str, Any]) -> str:
    """The type of a resource, in the plural."""
    return f"{str(resource.get('type')).removesuffix('s')}s"


def attributes(resource: Mapping[str, Any]) -> Row:
    """What a resource says of itself."""
    said = resource.get("attributes")
    return said if isinstance(said, dict) else {}


def number_of(resource: Mapping[str, Any]) -> str:
    """The number that a resource keeps, whatever its key is."""
    return str(attributes(resource).get("id"))


def is_more(document: Mapping[str, Any]) -> bool:
    """Whether another page follows."""
    links = document.get("links")
    return isinstance(links, dict) and bool(links.get("next"))


def variants_of(document: Mapping[str, Any], experiment: Mapping[str, Any]) -> list[Row] | None:
    """The variants of an experiment among what a document includes; None where some are missing.

    Their keys are unique in their experiment only: their own addresses tell whose they are.
    """
    relations = experiment.get("relationships")
    said = relations.get("variants") if isinstance(relations, dict) else None
    if not isinstance(said, dict) or not isinstance(said.get("data"), list):
        return None
    place = place_of(experiment)
    found = [each for each in included(document, "variants") if owner_of(each) == place]
    return found if len(found) == len(said["data"]) else None


def owner_of(variant: Mapping[str, Any]) -> Place | None:
    """The experiment that a variant is of, by the variant's own address."""
    links = variant.get("links")
    link = links.get("self") if isinstance(links, dict) else None
    address = link.get("href") if isinstance(link, dict) else link
    parts = urlsplit(str(address)).path.split("/")
    if "teams" not in parts or "experiments" not in parts:
        return None
    team, key = (parts[parts.index(word) + 1 :] for word in ("teams", "experiments"))
    return Place(team[0], unquote(key[0])) if team and key else None


def moment(said: Any) -> datetime | None:
    """A date object as a moment; it says no zone and means UTC."""
    text = said.get("string") if isinstance(said, dict) else said
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
    except ValueError:
        return None
