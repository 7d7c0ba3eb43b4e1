"""What experiments are about: a change to one element at one place, told in plain words."""

from dataclasses import dataclass

from models import Platform

STRIDE = 7919
"""A prime that divides no theme: taken in such steps, ideas that follow each other differ."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where: ``flow`` is what Auth0 calls it."""

    key: str
    phrase: str
    team: str
    flow: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to the element, and why anybody should care."""

    word: str
    effect: str
    because: str


@dataclass(frozen=True, slots=True, eq=False)
class Theme:
    """The places and elements that a platform's experiments are about."""

    places: tuple[Place, ...]
    elements: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many ideas there are before a market is named."""
        return len(self.places) * len(self.elements) * len(CHANGES)


@dataclass(frozen=True, slots=True)
class Idea:
    """One change at one place, perhaps for one market."""

    place: Place
    change: Change
    element: str
    market: str | None
    second: Change

    @property
    def key(self) -> str:
        """The code name, in snake case."""
        words = f"{self.place.key} {self.change.word} {self.element} {self.market or ''}"
        return "_".join(words.lower().replace("-", " ").split())

    @property
    def name(self) -> str:
        """The name for people."""
        market = f" ({self.market})" if self.market else ""
        return f"{self.change.word.capitalize()} {self.element} {self.place.phrase}{market}"

    def hypothesis(self, metric: str, verb: str) -> str:
        """What is believed, why, and how it will be seen."""
        return (
            f"If the {self.element} {self.change.effect} {self.place.phrase}, "
            f"{metric[0].lower()}{metric[1:]} will {verb}, because {self.change.because}."
        )

    def treatment(self, index: int) -> str:
        """What the variant of that index shows; 0 is the control."""
        one, two = self.change.word, self.second.word
        return ("Control", one.capitalize(), f"{one} and {two}".capitalize(), two.capitalize())[
            index
        ]


# fmt: off
CHANGES = (
    Change("sticky", "stays in view", "nobody has to scroll back to it"),
    Change("shorter", "says the same in half the words", "people decide before they are tired"),
    Change("larger", "takes more room", "on small screens it is easily missed"),
    Change("quieter", "steps back", "it competes with what people came for"),
    Change("illustrated", "has a picture", "a picture is understood before a sentence is read"),
    Change("personal", "knows the visitor", "what fits me is worth a second look"),
    Change("collapsed", "opens on demand", "most people need it once at most"),
    Change("earlier", "comes first", "the question is asked at the top of the page"),
    Change("later", "waits for the second visit", "on the first one it stands in the way"),
    Change("animated", "moves once", "a change of state deserves to be noticed"),
    Change("numbered", "shows how many are left", "an exact number is easier to believe"),
    Change("plain", "uses everyday words", "half of all visitors read in a second language"),
    Change("prefilled", "remembers the last choice", "nobody likes to answer twice"),
    Change("outlined", "has a clear border", "people look for what can be clicked"),
    Change("two-line", "explains itself in a second line", "the usual doubt is answered there"),
    Change("calmer", "no longer blinks", "whatever blinks is taken for an advertisement"),
    Change("darker", "has more contrast", "many book in the sun or in bed"),
)

SHOP = Theme(
    places=(
        Place("checkout", "in checkout", "Checkout"),
        Place("search", "in search results", "Search"),
        Place("payment", "on the payment page", "Payments"),
        Place("hotel", "on hotel pages", "Stays"),
        Place("home", "on the home page", "Discovery"),
        Place("flights", "in flight lists", "Flights"),
        Place("trips", "in my trips", "Trips"),
        Place("loyalty", "in the loyalty club", "Loyalty"),
        Place("map", "on the map", "Search"),
        Place("room", "in the room table", "Stays"),
        Place("fare", "on fare pages", "Flights"),
        Place("confirmation", "on the confirmation page", "Trips"),
        Place("wishlist", "in wish lists", "Discovery"),
        Place("deals", "on the deals page", "Growth"),
        Place("invoice", "in invoices", "Payments"),
        Place("baggage", "in baggage options", "Flights"),
        Place("mail", "in offer mails", "Growth"),
        Place("help", "in the help centre", "Foundations"),
    ),
    elements=(
        "call to action", "price breakdown", "review summary", "photo gallery", "date picker",
        "filter bar", "sort menu", "progress bar", "trust badge", "cancellation notice",
        "coupon field", "sign-in prompt", "newsletter box", "loyalty banner", "guest counter",
        "recommendation row", "search box", "availability hint", "help link", "header",
        "currency menu", "insurance offer", "map preview", "share button", "error message",
    ),
)

SIGN_IN = Theme(
    places=(
        Place("login", "at login", "Identity", "authentication"),
        Place("signup", "at sign-up", "Identity", "all"),
        Place("reset", "in password reset", "Identity", "password_reset"),
        Place("enrolment", "in MFA enrolment", "Identity", "mfa_enrollment"),
        Place("challenge", "in the MFA challenge", "Identity", "mfa_challenge"),
        Place("passkey", "in passkey enrolment", "Identity", "passkey_enrollment"),
    ),
    elements=(
        "e-mail field", "password field", "social login row", "passkey prompt", "error message",
        "help link", "headline", "consent box", "trust badge", "country code menu",
        "progress bar", "code field", "back button",
    ),
)

LANDING = Theme(
    places=(
        Place("ski", "on the ski page", "Acquisition"),
        Place("city", "on the city breaks page", "Acquisition"),
        Place("beach", "on the beach page", "Acquisition"),
        Place("family", "on the family page", "Acquisition"),
        Place("rail", "on the rail pass page", "Acquisition"),
        Place("gift", "on the gift card page", "Acquisition"),
        Place("winter_sale", "on the winter sale page", "Acquisition"),
        Place("partner", "on the partner page", "Acquisition"),
    ),
    elements=(
        "headline", "hero picture", "call to action", "price table", "countdown", "testimonial",
        "video", "question list", "sign-up form", "logo row", "offer box", "footer",
        "rating stars",
    ),
)
# fmt: on

THEMES = {
    Platform.LOCAL: SHOP,
    Platform.ABSMARTLY: SHOP,
    Platform.POSTHOG: SHOP,
    Platform.AUTH0: SIGN_IN,
    Platform.CHECKMANGO: LANDING,
}

# fmt: off
MARKETS = (
    "Germany", "France", "Spain", "Italy", "Poland", "Sweden", "Norway", "Denmark", "Finland",
    "Austria", "Portugal", "Ireland", "Belgium", "Greece", "Czechia", "Hungary", "Romania", "Japan",
    "Vietnam", "India", "Brazil", "Mexico", "Canada", "Turkey", "Chile",
)
# fmt: on


def idea(theme: Theme, number: int) -> Idea:
    """The idea of that number (0, 1, …); every number has one of its own.

    The numbers of places, elements and changes have no common divisor, so the three remainders
    belong to one number only. When all ideas are told, they are told for one market after another.
    """
    rounds, position = divmod(number, theme.size)
    step = position * STRIDE
    return Idea(
        place=theme.places[step % len(theme.places)],
        change=CHANGES[step % len(CHANGES)],
        element=theme.elements[step % len(theme.elements)],
        market=MARKETS[rounds - 1] if rounds else None,
        second=CHANGES[(step + 1 + position % (len(CHANGES) - 1)) % len(CHANGES)],
    )
