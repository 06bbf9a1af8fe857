"""What do the merchants' pages have in common? Their frame, their chapters, what they may load.

A page of the portal is a template that extends ``portal/layout.html``; whoever adds a page adds a
line to ``CHAPTERS`` (if it should be found there) and shows it by ``entry.portal.show``. The pages
are plain forms and links, without a script, and in English only. Every link goes through ``to``::

    <a href="{{ to('m/orders') }}">Orders</a>

because a stage's path may stand in front of ours, so links are relative, and how far up they have
to climb depends on where the page is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from chalicelib import web

SHEET = "portal"


@dataclass(frozen=True, slots=True)
class Section:
    """A line of the navigation; ``path`` counts from the stage's root."""

    key: str
    label: str
    path: str


#: The navigation, chapter by chapter: the one place that says what is in it.
CHAPTERS: tuple[tuple[str, tuple[Section, ...]], ...] = (
    (
        "Deliveries",
        (
            Section("overview", "Overview", "m"),
            Section("orders", "Orders", "m/orders"),
            Section("figures", "Figures", "m/figures"),
            Section("quote", "Price of a parcel", "m/quote"),
        ),
    ),
    (
        "Your shop",
        (
            Section("stores", "Stores", "m/stores"),
            Section("coverage", "Coverage and prices", "m/coverage"),
            Section("peak", "Peak days", "m/peak"),
            Section("calculator", "Own vans?", "m/calculator"),
            Section("articles", "Weights", "m/articles"),
        ),
    ),
    (
        "Money",
        (
            Section("invoices", "Invoices", "m/invoices"),
            Section("account", "Statement", "m/account"),
        ),
    ),
    ("Service", (Section("cases", "Support cases", "m/cases"),)),
    (
        "Connections",
        (
            Section("keys", "API keys", "m/keys"),
            Section("webhooks", "Webhooks", "m/webhooks"),
            Section("widget", "Track your order", "m/widget"),
            Section("team", "Team", "m/team"),
        ),
    ),
)


class Signed(Protocol):
    """Whoever is signed in."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


class Shop(Protocol):
    """The merchant whose portal it is."""

    @property
    def name(self) -> str: ...


def page(
    template: str,
    *,
    section: str,
    title: str,
    person: Signed,
    merchant: Shop,
    depth: int = 1,
    sheet: str = SHEET,
    **values: Any,
) -> str:
    """A page of the portal.

    ``section`` is the key of the line that is marked in the navigation; ``depth`` is how many
    parts the page's own path has: 1 for ``/m``, 3 for ``/m/orders/del_...``. ``sheet``: its style
    sheets, ``portal+charts`` where it has charts; the headers have to say the same.
    """
    return web.render(
        template,
        section=section,
        title=title,
        person=person,
        merchant=merchant,
        chapters=CHAPTERS,
        to=climbing(depth),
        sheet=sheet,
        **values,
    )


def climbing(depth: int) -> Callable[[str], str]:
    """Links that lead from a page so deep to a path that counts from the stage's root."""
    return partial(_link, "../" * (depth - 1))


def _link(up: str, path: str) -> str:
    return up + path


def headers(html: str, *, photo_url: str | None = None, sheet: str = SHEET) -> dict[str, str]:
    """What a page of the portal may load, and where its forms go: to ourselves.

    Unlike on the recipients' pages our own address may see where a form came from: with no
    referrer at all a browser says ``Origin: null``, and a form would prove nothing. Source: Fetch,
    "append a request Origin header".
    """
    made = web.headers(html, sheet=sheet, has_forms=True, photo_url=photo_url)
    return made | {"Referrer-Policy": "same-origin"}
