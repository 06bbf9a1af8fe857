"""How a decision about a failed delivery is told."""

from collections.abc import Iterable
from typing import Any

from pydantic import AwareDatetime

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.pricing.faults import Party
from chalicelib.domain.recovery.model import By, Chosen, Decision, State, Term, Weighed, WhyNot
from chalicelib.entry import rest
from chalicelib.kit.timewindow import TimeWindow, write_instant

_WINDOW = {"start_at": "2026-11-24T08:00:00.000Z", "end_at": "2026-11-24T12:00:00.000Z"}
_LINE: dict[str, Any] = {
    "id": "rcv_01m83qpnc10y2w525st46371np",
    "merchant_id": "mer_01m83qpn9gec8xh7wbacsaen6x",
    "delivery_id": "del_01m83qpnc10y2w525st46371np",
    "hub_id": "hub_01m83qpn8tsfztk8g4j2we32hb",
    "attempt": 1,
    "failed_at": "2026-11-23T14:12:00.000Z",
    "reason": "customer_unavailable",
    "party_at_fault": "recipient",
    "state": "waiting",
    "remedy": "another_day",
    "by": "system",
    "until": "2026-11-23T18:00:00.000Z",
    "back_at": None,
    "changes": 0,
}


class WindowAnswer(rest.Answer):
    start_at: AwareDatetime
    end_at: AwareDatetime


class RemedyAnswer(rest.Answer):
    """One remedy: its expected cost and its terms [minor units], or why it is out of the question.

    One that cannot be done at all costs nothing that could be said.
    """

    remedy: Remedy
    cost_minor: int | None
    terms_minor: dict[Term, int]
    why_not: WhyNot | None
    window: WindowAnswer | None
    pickup_point_id: str | None


class ChoiceAnswer(rest.Answer):
    """A choice and its author; ``who`` is a name at the desk."""

    remedy: Remedy
    by: By
    at: AwareDatetime
    window: WindowAnswer | None
    pickup_point_id: str | None
    who: str | None
    why: str | None


class RecoveryLine(rest.Answer):
    """How one decision stands; ``changes``: how often somebody chose anew."""

    id: str
    merchant_id: str
    delivery_id: str
    hub_id: str
    attempt: int
    failed_at: AwareDatetime
    reason: FailureReason
    party_at_fault: Party
    state: State
    remedy: Remedy
    by: By
    until: AwareDatetime
    back_at: AwareDatetime | None
    changes: int

    model_config = rest.example(**_LINE)


class OpenRecoveries(rest.Answer):
    """The decisions of a hub that are not carried out."""

    recoveries: list[RecoveryLine]
    next_cursor: str | None

    model_config = rest.example(recoveries=[_LINE], next_cursor=None)


class ShownRecovery(RecoveryLine):
    """A decision with all that was weighed. ``choices``: oldest first, the last one counts;
    ``outcome``: what came of it, once that is known."""

    options: list[RemedyAnswer]
    choices: list[ChoiceAnswer]
    open_options: list[RemedyAnswer]
    fails_again_permille: int
    done_at: AwareDatetime | None
    outcome: str | None

    model_config = rest.example(
        **_LINE,
        options=[
            {
                "remedy": "another_day",
                "cost_minor": 494,
                "terms_minor": {
                    "another_visit": 202,
                    "fails_again": 76,
                    "lost_sale": 16,
                    "trouble": 200,
                },
                "why_not": None,
                "window": _WINDOW,
                "pickup_point_id": None,
            }
        ],
        choices=[
            {
                "remedy": "another_day",
                "by": "system",
                "at": "2026-11-23T14:12:01.000Z",
                "window": _WINDOW,
                "pickup_point_id": None,
                "who": None,
                "why": None,
            }
        ],
        open_options=[],
        fails_again_permille=260,
        done_at=None,
        outcome=None,
    )


def write_line(decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.id,
        "merchant_id": decision.ref.merchant_id,
        "delivery_id": decision.ref.delivery_id,
        "hub_id": decision.hub_id,
        "attempt": decision.attempt,
        "failed_at": write_instant(decision.failed_at),
        "reason": decision.reason.value,
        "party_at_fault": decision.party_at_fault.value,
        "state": decision.state.value,
        "remedy": decision.chosen.remedy.value,
        "by": decision.chosen.by.value,
        "until": write_instant(decision.until),
        "back_at": decision.back_at and write_instant(decision.back_at),
        "changes": len(decision.choices) - 1,
    }


def write(decision: Decision, open_options: Iterable[Weighed]) -> dict[str, Any]:
    return {
        **write_line(decision),
        "options": [_write_weighed(one) for one in decision.options],
        "choices": [_write_chosen(one) for one in decision.choices],
        "open_options": [_write_weighed(one) for one in open_options],
        "fails_again_permille": decision.fails_again_permille,
        "done_at": decision.done_at and write_instant(decision.done_at),
        "outcome": decision.outcome,
    }


def _write_weighed(one: Weighed) -> dict[str, Any]:
    return {
        "remedy": one.remedy.value,
        "cost_minor": one.cost_minor if one.terms or one.is_allowed else None,
        "terms_minor": {term.value: amount for term, amount in one.terms.items()},
        "why_not": None if one.why_not is None else one.why_not.value,
        "window": _write_window(one.window),
        "pickup_point_id": one.point_id,
    }


def _write_chosen(one: Chosen) -> dict[str, Any]:
    return {
        "remedy": one.remedy.value,
        "by": one.by.value,
        "at": write_instant(one.at),
        "window": _write_window(one.window),
        "pickup_point_id": one.point_id,
        "who": one.who,
        "why": one.why,
    }


def _write_window(window: TimeWindow | None) -> dict[str, str] | None:
    return None if window is None else window.to_item()
