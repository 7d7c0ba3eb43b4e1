"""Tokens of an identity provider, signed here with keys made here, in real headers."""

import base64
import hashlib
import hmac
import json
import threading
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey
from pydantic import SecretStr

import gateway.jwks
import models as m
from gateway.app import create_app
from gateway.settings import Settings
from models.database import Database
from resolvers.identity import encode
from tests.following import serving

ISSUER, AUDIENCE = "https://issuer.example/", "https://gateway.example/graphql"
SECRET = "sixteen letters!"  # noqa: S105  of these tests only
WHO = "{ viewer { actor name scopes teamBound includeUnowned teams { name } user { email } } }"
UNREADABLE = "Tokens cannot be checked now: the keys of their issuer cannot be read."
NOT_KNOWN = "The token is signed with a key that is not known."

RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
KEYS: dict[str, Key] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    "ES256": ECKey.generate_key("P-256", {"kid": "es256"}),
    "ES384": ECKey.generate_key("P-384", {"kid": "es384"}),
    "ES512": ECKey.generate_key("P-521", {"kid": "es512"}),
    **dict.fromkeys(("EdDSA", "Ed25519"), OKPKey.generate_key("Ed25519", {"kid": "ed25519"})),
    "Ed448": OKPKey.generate_key("Ed448", {"kid": "ed448"}),
}

Connect = Callable[[str], httpx.AsyncClient]


def public(*keys: Key, **more: Any) -> bytes:
    """A JWKS of these keys; None leaves a member out."""
    different = {key.get("kid"): key for key in keys}
    listed = [
        {
            name: value
            for name, value in {**key.as_dict(private=False), **more}.items()
            if value is not None
        }
        for key in different.values()
    ]
    return json.dumps({"keys": listed}).encode()


def claims(**said: Any) -> dict[str, Any]:
    """What a sound token says; None leaves a claim out."""
    sound = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "auth0|123",
        "exp": int(time.time()) + 60,
        "scope": "team:read user:read",
    }
    return {name: value for name, value in {**sound, **said}.items() if value is not None}


def signed(
    said: dict[str, Any], algorithm: str = "RS256", key: Key | None = None, **header: Any
) -> str:
    key = key or KEYS[algorithm]
    head = {"alg": algorithm, "kid": key.get("kid"), **header}
    head = {name: value for name, value in head.items() if value is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # EdDSA has a new name, and providers use the old one
        return jwt.encode(head, said, key, algorithms=[algorithm])


def segment(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


class Published:
    """The file with the issuer's keys."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = path.as_uri()

    def write(self, keys: bytes) -> None:
        self.path.write_bytes(keys)


@pytest.fixture
def published(tmp_path: Path) -> Published:
    made = Published(tmp_path / "the keys.json")
    made.write(public(*KEYS.values()))
    return made


@pytest.fixture
def connect(database: Database) -> Connect:
    """Gives a client of an app that reads keys at a URL."""

    def opened(url: str) -> httpx.AsyncClient:
        settings = Settings(
            jwks_url=url,
            jwt_issuer=ISSUER,
            jwt_audience=AUDIENCE,
            bootstrap_key=SecretStr(SECRET),
        )
        transport = httpx.ASGITransport(create_app(settings, database))
        return httpx.AsyncClient(transport=transport, base_url="http://gateway.example")

    return opened


@pytest.fixture
async def http(connect: Connect, published: Published) -> AsyncIterator[httpx.AsyncClient]:
    async with connect(published.url) as opened:
        yield opened


async def ask(http: httpx.AsyncClient, token: str, query: str = WHO) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await http.post("/graphql", json={"query": query}, headers=headers)


async def viewer(http: httpx.AsyncClient, token: str) -> Any:
    answer = await ask(http, token)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["viewer"]


async def refusal(http: httpx.AsyncClient, token: str) -> str:
    """Why the token is refused, for data and for the schema alike."""
    answer = await ask(http, token)
    assert answer.status_code == 401, answer.text
    assert "Bearer" in answer.headers["www-authenticate"]
    [error] = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert (await ask(http, token, "{ __typename }")).status_code == 401
    return str(error["message"])


# --- Accepted


@pytest.mark.parametrize("algorithm", KEYS)
async def test_a_token_is_taken_under_every_asymmetric_algorithm(
    http: httpx.AsyncClient, algorithm: str
) -> None:
    assert await viewer(http, signed(claims(), algorithm)) == {
        "actor": "jwt:auth0|123",
        "name": "auth0|123",
        "scopes": ["team:read", "user:read"],
        "teamBound": False,
        "includeUnowned": False,
        "teams": [],
        "user": None,
    }


@pytest.mark.parametrize(
    ("said", "scopes"),
    [
        ({"scope": "openid admin metric:write nonsense"}, ["admin", "metric:write"]),
        ({"scope": None, "permissions": ["goal:read", "goal:eat", 7]}, ["goal:read"]),
        ({"scope": "tag:read", "permissions": ["goal:read"]}, ["goal:read", "tag:read"]),
        ({"scope": None}, []),
        ({"scope": 5, "permissions": 7}, []),
        ({"scope": ["admin"], "permissions": "admin"}, []),
        ({"scope": "ADMIN admin:read"}, []),
    ],
)
async def test_a_token_grants_the_scopes_of_ours_that_it_names(
    http: httpx.AsyncClient, said: dict[str, Any], scopes: list[str]
) -> None:
    assert (await viewer(http, signed(claims(**said))))["scopes"] == scopes


async def test_a_token_may_be_for_several_audiences_and_valid_since_now(
    http: httpx.AsyncClient,
) -> None:
    at = int(time.time())
    token = signed(claims(aud=["https://other.example", AUDIENCE], nbf=at, iat=at + 5))
    assert (await viewer(http, token))["actor"] == "jwt:auth0|123"


async def people(database: Database) -> dict[str, str]:
    """Users and a tree of teams; the ids of the teams by their names."""
    async with database.write() as session:
        source = m.Source(name="s", platform=m.Platform.LOCAL)
        session.add(source)
        await session.flush()
        for email in ("ada@example.com", "twin@example.com", "twin@example.com"):
            session.add(m.User(source_id=source.id, email=email))
        above = m.Team(source_id=source.id, name="above")
        session.add(above)
        await session.flush()
        below = m.Team(source_id=source.id, name="below", parent_id=above.id)
        session.add_all([below, m.Team(source_id=source.id, name="beside")])
        await session.flush()
    return {team.name: encode("Team", team.id) for team in (above, below)}


@pytest.mark.parametrize(
    ("said", "name", "email"),
    [
        ({"email": "ada@example.com"}, "ada@example.com", "ada@example.com"),
        ({"email": "ada@example.com", "name": "Ada\n\x1b[1m"}, "Ada[1m", "ada@example.com"),
        (
            {"email": "ada@example.com", "email_verified": True},
            "ada@example.com",
            "ada@example.com",
        ),
        ({"email": "ada@example.com", "email_verified": False}, "ada@example.com", None),
        ({"email": "twin@example.com", "name": " "}, "twin@example.com", None),
        ({"email": "nobody@example.com"}, "nobody@example.com", None),
        ({"email": "ada@example.com\0"}, "ada@example.com", None),
        ({"email": ["ada@example.com"], "name": 5}, "auth0|123", None),
    ],
)
async def test_a_token_acts_for_the_only_user_with_its_mail_address(
    http: httpx.AsyncClient,
    database: Database,
    said: dict[str, Any],
    name: str,
    email: str | None,
) -> None:
    await people(database)
    found = await viewer(http, signed(claims(**said)))
    assert found["name"] == name
    assert found["user"] == (email and {"email": email})


async def test_a_token_may_be_bound_to_teams_with_those_below_them(
    http: httpx.AsyncClient, database: Database
) -> None:
    teams = await people(database)
    query = "{ viewer { teamBound teams { name } } teams { nodes { name } } users { totalCount } }"
    for bound, seen in (
        ([teams["above"]], ["above", "below"]),
        ([teams["below"]], ["below"]),
        ([], []),
    ):
        answer = await ask(http, signed(claims(teams=bound)), query)
        names = [{"name": name} for name in seen]
        assert answer.json()["data"] == {
            "viewer": {"teamBound": True, "teams": names},
            "teams": {"nodes": names},
            "users": {"totalCount": 0},
        }


# --- Refused


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"exp": int(time.time()) - 1}, "The token has expired."),
        ({"exp": None}, "The token's claim exp is not accepted."),
        ({"exp": "tomorrow"}, "The token's claim exp is not accepted."),
        ({"nbf": int(time.time()) + 86_400}, "The token's claim nbf is not accepted."),
        ({"iss": "https://evil.example/"}, "The token's claim iss is not accepted."),
        ({"iss": ISSUER.rstrip("/")}, "The token's claim iss is not accepted."),
        ({"iss": None}, "The token's claim iss is not accepted."),
        ({"aud": "https://other.example"}, "The token's claim aud is not accepted."),
        ({"aud": []}, "The token's claim aud is not accepted."),
        ({"aud": None}, "The token's claim aud is not accepted."),
        ({"sub": None}, "The token's claim sub is not accepted."),
        ({"sub": ""}, "The token's claim sub is not accepted."),
        ({"sub": 5}, "The token's claim sub is not accepted."),
        ({"sub": "x" * 256}, "The token's claim sub is no name."),
        ({"sub": "a\nb"}, "The token's claim sub is no name."),
        ({"teams": "all"}, "The token's claim teams is no list of ids of teams."),
        ({"teams": {}}, "The token's claim teams is no list of ids of teams."),
        ({"teams": [1]}, "The token's claim teams is no list of ids of teams."),
        ({"teams": ["nonsense"]}, "The token's claim teams is no list of ids of teams."),
        ({"teams": [encode("User", 1)]}, "The token's claim teams is no list of ids of teams."),
    ],
)
async def test_a_token_is_refused_for_what_it_says(
    http: httpx.AsyncClient, said: dict[str, Any], message: str
) -> None:
    assert await refusal(http, signed(claims(**said))) == message


async def test_a_token_whose_teams_are_null_is_bound_to_nothing_that_can_be_read(
    http: httpx.AsyncClient,
) -> None:
    token = signed({**claims(), "teams": None})
    assert await refusal(http, token) == "The token's claim teams is no list of ids of teams."


async def test_a_wrong_signature_is_refused(http: httpx.AsyncClient) -> None:
    forged = signed(claims(), key=OTHER_RSA)
    head, _, signature = signed(claims()).split(".")
    changed = ".".join([head, segment(claims(scope="admin")), signature])
    unsigned = ".".join([*signed(claims()).split(".")[:2], ""])
    for token in (forged, changed, unsigned):
        assert await refusal(http, token) == "The token's signature is wrong."


async def test_no_algorithm_is_accepted_by_which_a_caller_could_sign(
    http: httpx.AsyncClient,
) -> None:
    """No signature at all; and the public key, which everybody has, as a secret."""
    body = segment(claims(scope="admin"))
    for name in ("none", "None", "NONE", ""):
        token = f"{segment({'alg': name, 'kid': 'rsa'})}.{body}."
        assert await refusal(http, token) == "The token's algorithm is not accepted."
    for algorithm, function in (("HS256", "sha256"), ("HS512", "sha512")):
        signing = f"{segment({'alg': algorithm, 'kid': 'rsa'})}.{body}"
        for secret in (RSA.as_pem(private=False), public(RSA)):
            made = hmac.new(secret, signing.encode(), getattr(hashlib, function)).digest()
            signature = base64.urlsafe_b64encode(made).decode().rstrip("=")
            token = f"{signing}.{signature}"
            assert await refusal(http, token) == "The token's algorithm is not accepted."


@pytest.mark.parametrize(
    "token",
    ["a.b.c", "..", "é.é.é", f"{segment([])}.{segment({})}.x", f"{segment({'alg': []})}.a.b"],
)
async def test_what_is_no_token_is_refused(http: httpx.AsyncClient, token: str) -> None:
    headers = [(b"authorization", b"Bearer " + token.encode()), (b"content-type", b"text/plain")]
    answer = await http.post("/graphql", content=b"{}", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] in {
        "The token cannot be read.",
        "The token's algorithm is not accepted.",
    }


async def test_a_token_of_a_key_that_is_not_published_is_refused(http: httpx.AsyncClient) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "stranger"})
    assert await refusal(http, signed(claims(), key=stranger)) == NOT_KNOWN
    assert await refusal(http, signed(claims(), kid=None)) == NOT_KNOWN
    assert await refusal(http, signed(claims(), kid="es256")) == "The token cannot be read."


@pytest.mark.parametrize(
    ("keys", "is_taken"),
    [
        (public(RSA), True),
        (public(RSA, use="sig", alg="RS256"), True),
        (public(RSA, kid=None), True),
        (public(RSA, use="enc"), False),
        (public(RSA, alg="RS512"), False),
        (public(RSA, KEYS["ES256"]), False),
    ],
)
async def test_a_token_that_names_no_key_is_checked_with_the_only_one_that_suits(
    connect: Connect, published: Published, keys: bytes, *, is_taken: bool
) -> None:
    published.write(keys)
    async with connect(published.url) as http:
        answer = await ask(http, signed(claims(), kid=None))
    assert (answer.status_code == 200) is is_taken


async def test_keys_that_are_not_fit_for_signatures_are_passed_over(
    connect: Connect, published: Published
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        short = RSAKey.generate_key(1024, {"kid": "short"})
    shared = JWKRegistry.generate_key("oct", 256, {"kid": "shared"})
    listed = [key.as_dict(private=True) for key in (short, shared)]
    odd = [{"kty": "EC", "kid": "odd"}, {"kty": "AKP"}, 5, None]
    document = {"keys": [*listed, *odd, RSA.as_dict(private=False)]}
    published.write(json.dumps(document).encode())
    async with connect(published.url) as http:
        assert (await viewer(http, signed(claims())))["name"] == "auth0|123"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert await refusal(http, signed(claims(), key=short)) == NOT_KNOWN


# --- The keys of the issuer


class Issuer:
    """A web server that publishes keys, or answers something else."""

    def __init__(self) -> None:
        self.status, self.body, self.reads = 200, public(RSA), 0
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.reads += 1
                self.send_response(issuer.status)
                if issuer.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(issuer.body)))
                self.end_headers()
                self.wfile.write(issuer.body)

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://user:hunter2@127.0.0.1:{self.server.server_port}/keys"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.passed = 1000.0

    def monotonic(self) -> float:
        return self.passed


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(gateway.jwks, "time", made)
    return made


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    captured = structlog.testing.LogCapture()
    monkeypatch.setattr(gateway.jwks, "log", structlog.wrap_logger(None, processors=[captured]))
    return captured.entries


async def test_keys_are_fetched_once_for_many_tokens(connect: Connect, issuer: Issuer) -> None:
    async with connect(issuer.url) as http:
        for _ in range(5):
            assert (await viewer(http, signed(claims())))["name"] == "auth0|123"
    assert issuer.reads == 1


async def test_a_key_that_is_not_known_has_them_fetched_again_at_most_every_thirty_seconds(
    connect: Connect, issuer: Issuer, clock: Clock
) -> None:
    fresh = RSAKey.generate_key(2048, {"kid": "fresh"})
    stranger = signed(claims(), key=RSAKey.generate_key(2048, {"kid": "stranger"}))
    async with connect(issuer.url) as http:
        await viewer(http, signed(claims()))
        issuer.body = public(fresh)
        assert (await viewer(http, signed(claims(), key=fresh)))["name"] == "auth0|123"
        assert issuer.reads == 2
        assert await refusal(http, signed(claims())) == NOT_KNOWN
        for seconds, reads in ((0, 2), (29.9, 2), (0.1, 3), (0, 3), (30, 4)):
            clock.passed += seconds
            assert await refusal(http, stranger) == NOT_KNOWN
            assert issuer.reads == reads


async def test_keys_are_fetched_again_when_they_get_old_and_removed_ones_are_forgotten(
    connect: Connect, issuer: Issuer, clock: Clock
) -> None:
    async with connect(issuer.url) as http:
        await viewer(http, signed(claims()))
        issuer.body = public(KEYS["ES256"])
        clock.passed += 599
        await viewer(http, signed(claims()))
        clock.passed += 1
        assert await refusal(http, signed(claims())) == NOT_KNOWN


async def test_keys_that_cannot_be_fetched_again_are_trusted_for_an_hour(
    connect: Connect, issuer: Issuer, clock: Clock
) -> None:
    async with connect(issuer.url) as http:
        await viewer(http, signed(claims()))
        issuer.status = 503
        clock.passed += 3599
        await viewer(http, signed(claims()))
        clock.passed += 1
        assert await refusal(http, signed(claims())) == UNREADABLE
        issuer.status = 200
        clock.passed += 3
        await viewer(http, signed(claims()))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, public(RSA)), "HTTP 500"),
        ((302, public(RSA)), "HTTP 302"),
        ((200, b"<html>"), "JSONDecodeError: "),
        ((200, b"[]"), "ValueError: there is no key to check signatures with"),
        ((200, b'{"keys": []}'), "ValueError: there is no key to check signatures with"),
        ((200, b" " * 1024 * 1025), "ValueError: there are more than 1048576 bytes"),
    ],
)
async def test_keys_that_cannot_be_read_let_nobody_in_and_are_asked_for_again_soon(
    connect: Connect,
    issuer: Issuer,
    clock: Clock,
    logged: list[Any],
    answer: tuple[int, bytes],
    reason: str,
) -> None:
    issuer.status, issuer.body = answer
    async with connect(issuer.url) as http:
        assert await refusal(http, signed(claims())) == UNREADABLE
        assert await refusal(http, signed(claims(), "ES256")) == UNREADABLE
        assert issuer.reads == 1
        [line] = logged
        assert line["event"] == "keys for tokens cannot be read"
        assert line["reason"].startswith(reason)
        assert "hunter2" not in str(line)
        issuer.status, issuer.body = 200, public(RSA)
        clock.passed += 3
        assert (await viewer(http, signed(claims())))["name"] == "auth0|123"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/keys", "file:///nowhere/keys.json"])
async def test_keys_that_are_out_of_reach_leave_api_keys_as_good_as_they_were(
    connect: Connect, url: str
) -> None:
    async with connect(url) as http:
        assert await refusal(http, signed(claims())) == UNREADABLE
        assert (await viewer(http, SECRET))["actor"] == "bootstrap"


async def test_a_token_that_expires_ends_its_streams_then(
    database_url: str, published: Published
) -> None:
    settings = {"jwks_url": published.url, "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}
    token = signed(claims(exp=int(time.time()) + 5, scope="experiment:read"))
    async with (
        serving(database_url, **settings) as served,
        served.socket({"Authorization": f"Bearer {token}"}) as socket,
    ):
        await socket.subscribe("s", "subscription { events { cursor } }")
        code, reason = await socket.closed()

    assert code == 4403
    assert reason in {"The credential has expired.", "The token has expired."}
