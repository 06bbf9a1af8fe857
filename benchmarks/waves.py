"""When should a wave send? Policies on days on which orders keep coming, at equal CPU time.

``python -m benchmarks.waves --instances DIR --seconds 1 --seeds 0,1,2``; DIR is a folder of ORTEC's
instances. Seed 0 is the competition's own of each instance. Every policy sees the same requests and
searches as long in each epoch, on the CPU's clock; "prize" decides with the functions and the
default settings of production (``dispatch.waves.sending``). Each epoch's plan passes our checker,
each day the referee of ``dynamic_day``: everybody served once, in time. See docs/benchmarks.md.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.dynamic_day import EPOCH_S, DynamicDay, Request, leaves_s
from benchmarks.instances import find, read
from benchmarks.waves_report import markdown
from chalicelib.domain.dispatch.reasons import MustGo
from chalicelib.domain.dispatch.waves import sending
from chalicelib.domain.dispatch.waves.sending import Load
from chalicelib.domain.merchants.wave_rules import USUAL, WaveRules
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.plan import PlannedRoute
from chalicelib.domain.routing.problem import Job, Place, Problem
from chalicelib.domain.routing.solve import solve
from chalicelib.kit.geo import LatLng

#: The prize and its decay were chosen on these, before the others were run.
TUNED_ON = ("180e9e8b", "ab871b78", "cc05bba4")
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_FAR = 1 << 28

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Epoch:
    """What a policy knows: requests that are open, which of them must go, and how long others can
    wait beyond the next epoch [s]."""

    day: DynamicDay
    number: int
    open: tuple[Request, ...]
    must: frozenset[int]
    spare_s: tuple[int, ...]

    @classmethod
    def of(cls, day: DynamicDay, number: int, sent: set[int]) -> "Epoch":
        known = (one for one in day.requests if one.epoch <= number and one.id not in sent)
        waiting = tuple(known)
        spares = tuple(_spare_s(day, one, number) for one in waiting)
        must = frozenset(one.id for one in waiting if day.must_go(one, number))
        if number != day.epochs[-1]:
            # Production's rule and the published one are the same rule.
            ours = {one.id for one, spare in zip(waiting, spares, strict=True) if spare < 0}
            assert ours == must, (ours, must)
        return cls(day, number, waiting, must, spares)


@dataclass(frozen=True, slots=True)
class Policy:
    """``penalty``: of leaving out an open request by its place in ``Epoch.open``, None if it must
    go; ``keeps``: whether a planned route leaves."""

    name: str
    penalty: Callable[[Epoch, int], int | None]
    keeps: Callable[[Epoch, PlannedRoute, Vehicle], bool]


def policies(rules: WaveRules) -> list[Policy]:
    def prized(epoch: Epoch, at: int) -> int | None:
        if epoch.open[at].id in epoch.must:
            return None
        row = epoch.day.legs[epoch.open[at].customer]
        ways = (row[one.customer] for k, one in enumerate(epoch.open) if k != at)
        return sending.prize(rules, sending.density(ways), epoch.spare_s[at])

    def kept(epoch: Epoch, route: PlannedRoute, vehicle: Vehicle) -> bool:
        must = [MustGo.PROMISE for one in route.job_ids() if int(one) in epoch.must]
        shift = vehicle.shift
        loads = (
            Load(route.load_weight_g, vehicle.max_weight_g),
            Load(route.duration_s, shift.latest_s - shift.earliest_s),
        )
        return sending.why_leave(rules, must, sending.full_percent(loads)) is not None

    def holds_must(epoch: Epoch, route: PlannedRoute, _vehicle: Vehicle) -> bool:
        return any(int(one) in epoch.must for one in route.job_ids())

    def everything(_epoch: Epoch, _at: int) -> int | None:
        return None

    def only_must(epoch: Epoch, at: int) -> int | None:
        return None if epoch.open[at].id in epoch.must else 0

    def always(_epoch: Epoch, _route: PlannedRoute, _vehicle: Vehicle) -> bool:
        return True

    return [
        Policy("everything", everything, always),
        Policy("must go alone", only_must, always),
        Policy("routes with a must go", everything, holds_must),
        Policy("prize", prized, kept),
    ]


def run(
    day: DynamicDay, policy: Policy, budget_s: float, seed: int, iterations: int | None = None
) -> Row:
    """Play a day; raises AssertionError if the referee finds a fault."""
    began_s = time.process_time()
    gone: set[int] = set()
    sent: list[tuple[int, tuple[int, ...]]] = []
    for number in day.epochs:
        epoch = Epoch.of(day, number, gone)
        if not epoch.open:
            continue
        problem = _problem(epoch, policy)
        plan = solve(
            problem,
            budget_s=budget_s,
            seed=seed + number,
            iterations=iterations,
            cpu_clock=True,
        )
        served = {int(one) for route in plan.routes for one in route.job_ids()}
        assert epoch.must <= served, "somebody is left behind"
        vehicles = {one.id: one for one in problem.vehicles}
        for route in plan.routes:
            if policy.keeps(epoch, route, vehicles[route.vehicle_id]):
                ids = tuple(int(one) for one in route.job_ids())
                sent.append((number, ids))
                gone.update(ids)
    faults = list(day.faults(sent))
    assert not faults, faults[:3]
    return {
        "driving_s": sum(day.driving_s(route) for _, route in sent),
        "routes": len(sent),
        "requests": len(day.requests),
        "epochs": len(day.epochs),
        "cpu_s": round(time.process_time() - began_s, 1),
    }


def _problem(epoch: Epoch, policy: Policy) -> Problem:
    """Second 0 is when the epoch's vehicles leave."""
    day, leave_s = epoch.day, leaves_s(epoch.number)
    penalties = [policy.penalty(epoch, at) for at in range(len(epoch.open))]
    # What is worth nothing is not offered.
    chosen = [(one, p) for one, p in zip(epoch.open, penalties, strict=True) if p != 0]
    stops = [0, *(one.customer for one, _ in chosen)]
    legs = Matrix.of([[day.legs[a][b] for b in stops] for a in stops])
    end_s = day.closes_s - leave_s
    van = Vehicle("", "van", 0, 0, day.capacity, 0, Window(0, max(0, end_s)), cost_per_m=1)
    jobs = tuple(
        Job(
            id=str(one.id),
            pickup=None,
            dropoff=place,
            pickup_window=Window(0, _FAR),
            dropoff_windows=(Window(max(0, one.opens_s - leave_s), one.closes_s - leave_s),),
            dropoff_service_s=one.service_s,
            weight_g=one.load,
            penalty=penalty,
        )
        for place, (one, penalty) in enumerate(chosen, start=1)
    )
    return Problem(
        _AT,
        (Place(LatLng(0, 0)),) * len(stops),
        tuple(replace(van, id=f"v{number}") for number in range(len(chosen))),
        jobs,
        {"van": Travel(legs, legs)},
    )


def _spare_s(day: DynamicDay, one: Request, epoch: int) -> int:
    # Handing over has to begin in its window, and early enough to be back in time.
    latest_s = min(one.closes_s, day.closes_s - one.service_s - day.legs[one.customer][0])
    needs_s = day.legs[0][one.customer]
    return sending.spare_s(latest_s - leaves_s(epoch), needs_s, EPOCH_S)


def measure(chosen: argparse.Namespace) -> Iterator[Row]:
    """Seed after seed, so that what is known at any time covers every instance alike."""
    known = json.loads((chosen.instances / "bks.json").read_text())
    wanted = chosen.policies.split(",")
    for asked in map(int, chosen.seeds.split(",")):
        for path in find(chosen.instances, tuple(chosen.only.split(","))):
            instance = read(path, "distance")
            seed = asked or known[instance.name]["dynamic"]["instance_seed"]
            day = DynamicDay.draw(instance, seed)
            for policy in policies(_rules(chosen)):
                if policy.name in wanted:
                    head = {"instance": instance.name, "asked_seed": asked, "seed": seed}
                    head |= {"policy": policy.name, "budget_s": chosen.seconds}
                    yield head | run(day, policy, chosen.seconds, seed)


def _rules(chosen: argparse.Namespace) -> WaveRules:
    return WaveRules(
        prize_percent=chosen.prize, decay_percent_per_h=chosen.decay, full_percent=chosen.full
    )


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _arguments().parse_args(arguments)
    rows: list[Row] = []
    for row in measure(chosen):
        rows.append(row)
        print(f"{row['instance']} {row['seed']} {row['policy']}: {row['driving_s']}", flush=True)
        if chosen.json:
            chosen.json.write_text(json.dumps(rows, indent=1) + "\n")
        if chosen.markdown:
            chosen.markdown.write_text(markdown(rows, TUNED_ON))
    if not rows:
        print(f"No instance in {chosen.instances} is meant.")
        return 1
    print(markdown(rows, TUNED_ON))
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--instances", type=Path, required=True, help="folder of ORTEC's instances")
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU seconds per epoch")
    parser.add_argument("--seeds", default="0", help="0: the competition's own of each instance")
    parser.add_argument("--only", default="*", help="patterns of names, with commas")
    parser.add_argument("--policies", default=",".join(one.name for one in policies(USUAL)))
    parser.add_argument("--prize", type=int, default=USUAL.prize_percent)
    parser.add_argument("--decay", type=int, default=USUAL.decay_percent_per_h)
    parser.add_argument("--full", type=int, default=USUAL.full_percent)
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--markdown", type=Path, help="write the table here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
