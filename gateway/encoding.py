"""Answers as JSON, whatever is in them: the same over HTTP, in a stream and on a socket."""

import json

import orjson


def encoded(value: object) -> bytes:
    """A value as JSON, on one line."""
    try:
        return orjson.dumps(value)
    except TypeError:  # orjson refuses integers beyond 64 bits and halves of surrogate pairs
        return json.dumps(value).encode()
