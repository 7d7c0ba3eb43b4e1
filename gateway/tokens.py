"""Bearer tokens: JSON web tokens of an identity provider, and whom they make of their bearer."""

from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jws import JWSRegistry, extract_compact
from joserfc.jwt import JWTClaimsRegistry
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.jwks import Jwks, Unreadable
from gateway.settings import Settings
from models import Team, User
from models.database import Database
from models.errors import BadUserInput
from resolvers.access import Viewer
from resolvers.api_key import with_those_below
from resolvers.identity import decode_as
from resolvers.keys import keyed_by
from resolvers.scopes import known_scopes

ALGORITHMS = frozenset(
    {
        *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
        *("ES256", "ES384", "ES512", "EdDSA", "Ed25519", "Ed448"),
    }
)
"""Those by which whoever checks a token cannot make one."""

LONGEST_SUBJECT = 255
LONGEST_NAME = 200
LAST_SECOND = 253_402_300_799
"""Of the year 9999."""


class BadToken(Exception):
    """The token is not accepted; the message is for its bearer."""


class Asymmetric(JWSRegistry):
    """The algorithms that are accepted, and no other."""

    def get_alg(self, name: str) -> Any:
        """The algorithm of a header."""
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"Algorithm of '{name}' is not allowed")
        return self.algorithms[name]


REGISTRY = Asymmetric(algorithms=ALGORITHMS, strict_check_header=False)


class Tokens:
    """Checks tokens. One for the process, which keeps the issuer's keys."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._jwks = Jwks(str(settings.jwks_url))
        self._database = database
        self._teams_claim = settings.jwt_teams_claim
        self._claims = JWTClaimsRegistry(
            iss={"essential": True, "value": str(settings.jwt_issuer)},
            aud={"essential": True, "value": str(settings.jwt_audience)},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def viewer(self, token: str) -> Viewer:
        """Whom a token speaks for. Raises BadToken, and DatabaseBusy."""
        claims = await self._checked(token)
        subject = claims["sub"]
        if len(subject) > LONGEST_SUBJECT or not subject.isprintable():
            raise BadToken("The token's claim sub is no name.")
        wanted = self._teams(claims)
        async with self._database.read() as session:
            user = await _user(session, claims)
            teams = None if wanted is None else await _with_those_below(session, wanted)
        return Viewer(
            actor=f"jwt:{subject}",
            name=_name(claims),
            scopes=_scopes(claims),
            teams=teams,
            user_id=user,
            until=datetime.fromtimestamp(min(LAST_SECOND, claims["exp"]), UTC),
        )

    async def _checked(self, token: str) -> dict[str, Any]:
        """The claims of a token whose signature and claims are right."""
        try:
            header = extract_compact(token.encode("latin-1"), registry=REGISTRY).headers()
            algorithm, kid = str(header.get("alg")), header.get("kid")
            REGISTRY.get_alg(algorithm)
            key = await self._jwks.find(kid if isinstance(kid, str) else None, algorithm)
            if key is None:
                raise BadToken("The token is signed with a key that is not known.")
            claims = jwt.decode(token, key, registry=REGISTRY).claims
            # iat is no condition: where clocks differ, a token seems to come from the future.
            self._claims.validate({name: claims[name] for name in claims if name != "iat"})
        except Unreadable:
            raise BadToken(
                "Tokens cannot be checked now: the keys of their issuer cannot be read."
            ) from None
        except ExpiredTokenError:
            raise BadToken("The token has expired.") from None
        except ClaimError as error:
            raise BadToken(f"The token's claim {error.claim} is not accepted.") from None
        except BadSignatureError:
            raise BadToken("The token's signature is wrong.") from None
        except UnsupportedAlgorithmError:
            raise BadToken("The token's algorithm is not accepted.") from None
        except (JoseError, ValueError, TypeError):
            raise BadToken("The token cannot be read.") from None
        return claims

    def _teams(self, claims: dict[str, Any]) -> list[int] | None:
        """The teams that the token is bound to; None where it says nothing of teams."""
        if self._teams_claim not in claims:
            return None
        said = claims[self._teams_claim]
        try:
            return [decode_as(Team, text) for text in _texts(said)]
        except (BadUserInput, TypeError):
            message = f"The token's claim {self._teams_claim} is no list of ids of teams."
            raise BadToken(message) from None


def _texts(said: Any) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(text, str) for text in said):
        raise TypeError("no list of texts")
    return said


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    """The scopes of ours that the token grants, by OAuth's word for them or by Auth0's."""
    scope, permissions = claims.get("scope"), claims.get("permissions")
    words = scope.split() if isinstance(scope, str) else []
    words += permissions if isinstance(permissions, list) else []
    return frozenset(known for known in known_scopes() if known in words)


def _name(claims: dict[str, Any]) -> str:
    said = (claims.get(claim) for claim in ("name", "email", "sub"))
    name = next(text for text in said if isinstance(text, str) and text.strip())
    return "".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME]


async def _user(session: AsyncSession, claims: dict[str, Any]) -> int | None:
    """The only user with the token's mail address, if it is theirs."""
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is False or "\0" in email:
        return None
    found = await session.scalars(select(col(User.id)).where(col(User.email) == email).limit(2))
    numbers = found.all()
    return numbers[0] if len(numbers) == 1 else None


async def _with_those_below(session: AsyncSession, teams: list[int]) -> frozenset[int]:
    named: Select[Any] = select(col(Team.id).label("team_id")).where(keyed_by(Team.id, teams))
    tree = with_those_below(named)
    return frozenset(await session.scalars(select(tree.c.team_id)))
