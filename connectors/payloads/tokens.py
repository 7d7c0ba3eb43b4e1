"""Tokens: how a thing is named before it has a row, by its id or by what it says of itself."""


def token_of_id(shape: str, external_id: str) -> str:
    """The token of a thing that is known by its id."""
    return f"{shape}#{external_id}"


def token_of_nature(shape: str, natural: str) -> str:
    """The token of a thing that is known by what it says."""
    return f"{shape}={natural}"


def shape_name(token: str) -> str:
    """The name of the shape, from a token of either kind."""
    return token[: min(at for at in (token.find("#"), token.find("=")) if at >= 0)]


def external_id_of(token: str) -> str | None:
    """The external id in a token; None when the thing is known by what it says."""
    return named(token) if token[len(shape_name(token))] == "#" else None


def named(token: str) -> str:
    """What a thing is known by: its external id, or what it says."""
    return token[len(shape_name(token)) + 1 :]
