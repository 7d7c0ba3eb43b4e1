"""The file that lists the documents which may be run, as the tools of frontends write it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gateway.request import SHA256_PREFIX

APOLLO = "apollo-persisted-query-manifest"


class InvalidManifest(Exception):
    """The gateway cannot start with this manifest; the message names the file and the document."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """Documents by the ids that clients send, and the file that they are from."""

    path: Path
    documents: dict[str, str]


def read(path: Path) -> Manifest:
    """The manifest in a file. Raises InvalidManifest.

    It is either Apollo's persisted query manifest, or an object of ids and documents, as Relay and
    GraphQL Code Generator write it.
    """
    try:
        manifest = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InvalidManifest(path, f"it cannot be read: {error.strerror}.") from None
    except orjson.JSONDecodeError as error:
        raise InvalidManifest(path, f"it is not valid JSON: {error}.") from None
    if not isinstance(manifest, dict):
        raise InvalidManifest(path, "it must be a JSON object of ids and documents.")
    documents: dict[str, str] = {}
    for key, text in _apollo(path, manifest) if "format" in manifest else manifest.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise InvalidManifest(path, f"the document {key!r} must be a text that has an id.")
        name = key.removeprefix(SHA256_PREFIX)
        if documents.setdefault(name, text) != text:
            raise InvalidManifest(path, f"the id {key!r} stands for two documents.")
    if not documents:
        raise InvalidManifest(path, "it has no documents, so that nothing could ever be run.")
    return Manifest(path, documents)


def _apollo(path: Path, manifest: dict[str, Any]) -> list[tuple[object, object]]:
    operations = manifest.get("operations")
    if (manifest["format"], manifest.get("version")) != (APOLLO, 1):
        raise InvalidManifest(path, f"its 'format' must be '{APOLLO}', and its 'version' 1.")
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise InvalidManifest(path, "its 'operations' must be a list of objects.")
    return [(each.get("id"), each.get("body")) for each in operations]
