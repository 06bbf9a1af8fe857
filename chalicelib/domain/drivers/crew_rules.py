"""What does a hub ask of its drivers? Papers by kind of vehicle, how long a shift may be, fairness.

One item per hub, beside the hub: whoever plans or goes on duty reads it once. A hub without one has
the defaults: no papers (the operator says which, since laws differ), a working day of ten hours and
a week of 48 (Directive 2002/15/EC, articles 4 and 7), shifts up to four weeks ahead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.drivers.documents import DocumentKind
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.storage import crew_keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CrewRules:
    """A hub's rules for its drivers.

    Parameters
    ----------
    required
        Papers by kind of vehicle.
    plan_ahead_days
        How far ahead a shift may be planned.
    most_minutes_a_day, most_minutes_a_week
        Of planned work, breaks not counted; days and weeks (Monday first) by the hub's clock.
    remind_before_s
        How long before a shift its driver is reminded.
    late_after_s
        How long after its start a shift that nobody began is reported.
    fairness_permille
        How much a second past a fair share costs, in thousandths of what a second of driving costs:
        0 for no fairness. See ``dispatch.waves.planning``.
    """

    required: Mapping[VehicleKind, frozenset[DocumentKind]] = field(default_factory=dict)
    plan_ahead_days: int = 28
    most_minutes_a_day: int = 600
    most_minutes_a_week: int = 2880
    remind_before_s: int = 3600
    late_after_s: int = 900
    fairness_permille: int = 20
    version: int = 0

    def papers_of(self, kind: VehicleKind) -> frozenset[DocumentKind]:
        return self.required.get(kind, frozenset())


def load(uow: UnitOfWork, hub_id: str) -> CrewRules:
    """A hub's rules, or the defaults."""
    item = uow.get(crew_keys.rules(hub_id))
    return CrewRules() if item is None else _from_item(item)


def save(uow: UnitOfWork, hub_id: str, rules: CrewRules) -> None:
    uow.put(crew_keys.rules(hub_id), _to_item(rules), expect=rules.version - 1)


def _to_item(rules: CrewRules) -> Item:
    return {
        "required": {kind.value: sorted(papers) for kind, papers in rules.required.items()},
        "plan_ahead_days": rules.plan_ahead_days,
        "most_minutes_a_day": rules.most_minutes_a_day,
        "most_minutes_a_week": rules.most_minutes_a_week,
        "remind_before_s": rules.remind_before_s,
        "late_after_s": rules.late_after_s,
        "fairness_permille": rules.fairness_permille,
        "version": rules.version,
    }


def _from_item(item: Item) -> CrewRules:
    return CrewRules(
        required={
            VehicleKind(kind): frozenset(map(DocumentKind, papers))
            for kind, papers in item["required"].items()
        },
        plan_ahead_days=item["plan_ahead_days"],
        most_minutes_a_day=item["most_minutes_a_day"],
        most_minutes_a_week=item["most_minutes_a_week"],
        remind_before_s=item["remind_before_s"],
        late_after_s=item["late_after_s"],
        fairness_permille=item["fairness_permille"],
        version=item["version"],
    )
