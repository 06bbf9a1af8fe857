"""How long until somebody says yes? Simulated offers: our escalation against its parts.

``python -m benchmarks.offers``: sixty routes are planned within half an hour in the city of
``benchmarks.matching``; drivers look at an offer for a while and say yes, no, or nothing. Matching,
terms, habits and escalation are the product's own functions on a clock of its own; a round of
matching follows every no, every offer that runs out, and every minute. What drivers do is assumed,
not measured: 55 in 100 say yes on average (a Beta of their own for each), 20 say nothing, answers
come after 12 s in the middle (log-normal, sigma 0.8), and a driver who took a route is gone.
Reported: time from planning to the yes, offers a route, and taps on a route that was taken.
"""

import argparse
import heapq
import itertools
import random
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table

from benchmarks.matching import _HUB, _NOON, City, a_city
from chalicelib.domain.dispatch.matching import escalation
from chalicelib.domain.dispatch.matching.candidates import Candidate
from chalicelib.domain.dispatch.matching.matching import Match, match
from chalicelib.domain.dispatch.model import Route, RouteStatus
from chalicelib.domain.drivers import acceptance
from chalicelib.domain.drivers.acceptance import Answer
from chalicelib.domain.merchants.asking import Asking

ROUTES, WITHIN_S, TTL_S = 60, 1_800, 45
YES, SILENT = 0.55, 0.20
_NEVER = 10**9
#: What is compared: how many are asked at once, and how soon routes start after planning [s].
POLICIES = {
    "one at a time, for ever": (
        Asking(ask_ahead_s=14_400, pair_after_s=_NEVER, pair_before_s=-_NEVER),
        3_600,
    ),
    "ours, an hour ahead": (Asking(ask_ahead_s=14_400), 3_600),
    "ours, ten minutes ahead": (Asking(), 600),
    "ours, at the last minute": (Asking(), 60),
}


@dataclass(slots=True)
class Phones:
    """The town's drivers, routes and offers while they answer."""

    asking: Asking
    rng: random.Random
    crew: dict[str, Candidate]
    willing: dict[str, float]
    routes: dict[str, Route] = field(default_factory=dict)
    holding: dict[str, tuple[str, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    filled_s: dict[str, float] = field(default_factory=dict)
    approach_s: list[int] = field(default_factory=list)
    lost_taps: int = 0
    bonuses: int = 0
    #: (second, number, what, route, offer, driver)
    ahead: list[tuple[float, int, str, str, str, str]] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def later(
        self, at_s: float, what: str, route: str = "", offer: str = "", who: str = ""
    ) -> None:
        heapq.heappush(self.ahead, (at_s, next(self.numbers), what, route, offer, who))

    def round(self, now_s: float) -> None:
        """Match and ask, as a round does."""
        seeking = [one for one in self.routes.values() if one.status is not RouteStatus.ASSIGNED]
        crew = [
            one
            for name, one in self.crew.items()
            if name not in self.holding and name not in self.gone
        ]
        hub = replace(_HUB, asking=self.asking)
        for found in match(hub, seeking, crew, _at(now_s)).due:
            self.ask(found, now_s)

    def ask(self, found: Match, now_s: float) -> None:
        who = found.candidate.work.driver_id
        route = self.routes[found.route.id]
        offer = f"ofr_{next(self.numbers)}"
        self.routes[route.id] = replace(
            route,
            status=RouteStatus.OFFERED,
            live_offers=(*route.live_offers, (offer, who)),
            asked=route.asked + 1,
        )
        self.holding[who] = (route.id, offer)
        self.bonuses += escalation.bonus_minor(found.level, self.asking) > 0
        self.later(now_s + TTL_S, "expire", route.id, offer, who)
        thinks_s = self.rng.lognormvariate(2.5, 0.8)
        if self.rng.random() > SILENT and thinks_s < TTL_S:
            says_yes = self.rng.random() < self.willing[who]
            what = "yes" if says_yes else "no"
            self.later(now_s + thinks_s, what, route.id, offer, who)
            if says_yes:
                self.approach_s.append(found.terms["approach"])

    def answer(self, now_s: float, what: str, route_id: str, offer: str, who: str) -> None:
        route = self.routes[route_id]
        if (offer, who) not in route.live_offers:
            if self.holding.get(who) == (route_id, offer):
                self.lost_taps += what != "expire"
                del self.holding[who]
            return
        del self.holding[who]
        if what == "yes":
            self.gone.add(who)
            self.filled_s[route_id] = now_s - (route.planned_at - _NOON).total_seconds()
            self.routes[route_id] = replace(route, status=RouteStatus.ASSIGNED, live_offers=())
            self.learn(who, Answer.ACCEPTED, now_s)
            return
        live = tuple(one for one in route.live_offers if one[0] != offer)
        name = "refused_by" if what == "no" else "ignored_by"
        self.routes[route_id] = replace(
            route,
            status=RouteStatus.OFFERED if live else RouteStatus.PLANNED,
            live_offers=live,
            **{name: (*getattr(route, name), who)},
        )
        self.learn(who, Answer.DECLINED if what == "no" else Answer.EXPIRED, now_s)

    def learn(self, who: str, answer: Answer, now_s: float) -> None:
        one = self.crew[who]
        habits = acceptance.after(one.work.habits, answer, _at(now_s))
        self.crew[who] = replace(one, work=replace(one.work, habits=habits))


def _at(second: float) -> datetime:
    return _NOON + timedelta(seconds=round(second))


def play(city: City, asking: Asking, ahead_s: int, seed: int) -> Phones:
    """One afternoon; ends when every route has a driver, or after three hours."""
    rng = random.Random(seed)
    spread = 4.0
    phones = Phones(
        asking,
        rng,
        {one.work.driver_id: one for one in city.crew},
        {
            one.work.driver_id: rng.betavariate(spread * YES / 0.8, spread * (1 - YES / 0.8))
            for one in city.crew
        },
    )
    for route in city.routes:
        planned_s = rng.uniform(0, WITHIN_S)
        planned_at, starts_at = _at(planned_s), _at(planned_s + ahead_s)
        fresh = replace(route, planned_at=planned_at, starts_at=starts_at, refused_by=())
        fresh = replace(fresh, ends_at=starts_at + timedelta(seconds=route.duration_s))
        phones.later(planned_s, "planned", route.id)
        phones.routes[route.id] = replace(fresh, status=RouteStatus.COMPLETED)
    for minute in range(180):
        phones.later(60 * minute, "tick")
    while phones.ahead and len(phones.filled_s) < len(city.routes):
        now_s, _, what, route_id, offer, who = heapq.heappop(phones.ahead)
        if what == "planned":
            planned = phones.routes[route_id]
            phones.routes[route_id] = replace(planned, status=RouteStatus.PLANNED)
        elif what != "tick":
            phones.answer(now_s, what, route_id, offer, who)
        phones.round(now_s)
    return phones


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--drivers", type=int, nargs="+", default=[90, 300])
    chosen = parser.parse_args(arguments)
    table = Table(title=f"{ROUTES} routes, {chosen.seeds} seeds")
    for name in ("drivers", "policy", "fill s, mean / P95", "way min", "offers", "lost taps"):
        table.add_column(name)
    table.add_column("with bonus")
    table.add_column("unfilled")
    for drivers in chosen.drivers:
        for name, (asking, ahead_s) in POLICIES.items():
            runs = []
            for seed in range(chosen.seeds):
                city = a_city(round(drivers / 1.3), seed)
                cut = City(city.routes[:ROUTES], city.crew[:drivers])
                runs.append(play(cut, asking, ahead_s, seed))
            table.add_row(str(drivers), name, *_row(runs))
    Console().print(table)
    return 0


def _row(runs: Sequence[Phones]) -> list[str]:
    filled = sorted(one for run in runs for one in run.filled_s.values())
    routes = [route for run in runs for route in run.routes.values()]
    asked = sum(route.asked for route in routes)
    way_s = [one for run in runs for one in run.approach_s]
    return [
        f"{statistics.mean(filled):.0f} / {filled[int(0.95 * (len(filled) - 1))]:.0f}",
        f"{statistics.mean(way_s) / 60:.1f}",
        f"{asked / len(routes):.1f}",
        f"{sum(run.lost_taps for run in runs) / len(routes):.2f}",
        f"{sum(run.bonuses for run in runs) / len(routes):.2f}",
        str(len(routes) - len(filled)),
    ]


if __name__ == "__main__":
    sys.exit(main())
