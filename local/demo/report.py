"""What the day came to: a table, a map, and ``build/demo/summary.json``."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from local.demo.drivers import Tally
from local.demo.watch import FINAL, Watch
from local.town.picture import draw
from local.town.places import Town

#: What one text costs on average in the United States, carrier fee included [USD]. An assumption,
#: written here so that it can be changed; cloud costs are fractions of this.
TEXT_USD = 0.0100


def summarise(
    watch: Watch,
    tally: Tally,
    routes: Sequence[Mapping[str, Any]],
    waves: Sequence[Mapping[str, Any]],
    answers: Counter[str],
    mistakes: Sequence[str],
    wall_s: float,
) -> dict[str, Any]:
    """Count the day; ``mistakes`` are webhooks that were answered otherwise than they should."""
    statuses = watch.statuses
    delivered = [one for one in watch.deliveries.values() if one["status"] == "delivered"]
    return {
        "orders_accepted": len(watch.deliveries),
        "rejected": _rejected(answers),
        "delivered": statuses["delivered"],
        "cancelled": statuses["cancelled"],
        "returned": statuses["returned"],
        "collected": statuses["collected"],
        "recipients": dict(sorted(watch.recipients.by_kind.items())),
        "recipients_too_late": len(watch.recipients.refused),
        "unfinished": sum(n for status, n in statuses.items() if status not in FINAL),
        "on_time": sum(bool(one["on_time"]) for one in delivered),
        "texts_sent": len(watch.texts),
        "texts_duplicated": watch.duplicated_texts,
        "routes": sum(route["status"] == "completed" for route in routes),
        "waves": sum(bool(wave["routes"]) for wave in waves),
        "waves_formed": len(waves),
        "waves_that_held_back": sum(bool(_waiting(wave)) for wave in waves),
        "waited": _waited(waves),
        "routes_sent_because": _sent_because(waves),
        "offers": {k: v for k, v in sorted(tally.counts.items()) if k.startswith("offers_")},
        "recovered": dict(sorted(watch.remedies().items())),
        "stops_failed": tally.counts.get("stops_failed", 0),
        "pay_agreed_minor": tally.counts.get("pay_agreed_minor", 0),
        "pay_earned_minor": tally.counts.get("pay_earned_minor", 0),
        "photos": tally.counts.get("photos", 0),
        "pages_opened": watch.pages_opened,
        "pages_wrong": watch.pages_wrong,
        "webhook_answers": dict(sorted(answers.items())),
        "mistakes": list(mistakes),
        "troubles": [*tally.troubles, *watch.troubles],
        "distance_m": round(tally.distance_m),
        "text_cost_usd": round(len(watch.texts) * TEXT_USD, 2),
        "wall_s": round(wall_s, 1),
    }


def is_proper(summary: Mapping[str, Any], expected_rejections: Mapping[str, int]) -> bool:
    """Whether every order of the day came to its proper end."""
    ends = ("delivered", "collected", "cancelled", "returned")
    ended = sum(summary[end] for end in ends)
    return bool(
        summary["orders_accepted"] == ended
        and summary["orders_accepted"] > 0
        and summary["texts_duplicated"] == 0
        and summary["rejected"] == expected_rejections
        and not summary["mistakes"]
        and not summary["pages_wrong"]
        and not summary["troubles"]
        and not summary["metrics"]["differ"]
        and not summary["money"]["wrong"]
    )


def write(folder: Path, summary: Mapping[str, Any], town: Town, watch: Watch, tally: Tally) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    doors = [
        (one["dropoff"]["latitude"], one["dropoff"]["longitude"])
        for one in watch.deliveries.values()
        if one.get("dropoff", {}).get("latitude") is not None
    ]
    (folder / "map.svg").write_text(draw(town, tally.ways.values(), doors))


def show(console: Console, summary: Mapping[str, Any], watch: Watch, folder: Path) -> None:
    table = Table(title="The day in Neustadt an der Aue", title_style="bold", show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    share = summary["on_time"] / max(1, summary["delivered"])
    rejected = ", ".join(f"{n} {code}" for code, n in summary["rejected"].items())
    rows = (
        ("orders accepted", f"{summary['orders_accepted']}"),
        ("orders refused", rejected or "none"),
        ("delivered", f"{summary['delivered']}"),
        ("  of them on time", f"{summary['on_time']}  ({share:.0%})"),
        *_figures(summary["metrics"]),
        ("cancelled in time", f"{summary['cancelled']}"),
        ("collected at a pickup point", f"{summary['collected']}"),
        ("returned", f"{summary['returned']}"),
        ("recipients asked for", _counted(summary["recipients"])),
        ("doors at which nobody was", f"{summary['stops_failed']}"),
        ("  mended by", _counted(summary["recovered"])),
        ("routes driven, in waves", f"{summary['routes']} in {summary['waves']}"),
        ("  sent because", _counted(summary["routes_sent_because"])),
        (
            "waves that let something wait",
            f"{summary['waves_that_held_back']} of {summary['waves_formed']}",
        ),
        ("  deliveries, because", _counted(summary["waited"])),
        (
            "drivers were promised, earned",
            f"{summary['pay_agreed_minor'] / 100:.2f}, {summary['pay_earned_minor'] / 100:.2f} EUR",
        ),
        ("driven", f"{summary['distance_m'] / 1000:.1f} km"),
        ("texts sent, twice by mistake", f"{summary['texts_sent']}, {summary['texts_duplicated']}"),
        ("texts would cost about", f"${summary['text_cost_usd']:.2f}"),
        ("it took", f"{summary['wall_s']:.0f} s"),
    )
    for name, value in rows:
        table.add_row(name, value)
    console.print(table)
    for trouble in (*summary["mistakes"], *summary["troubles"], *summary["pages_wrong"]):
        console.print(f"[red]trouble[/red] {trouble}")
    for what, both in summary["metrics"]["differ"].items():
        console.print(f"[red]figures differ[/red] {what}: {both}")
    for one in watch.unfinished[:12]:
        console.print(f"[red]unfinished[/red] {one['id']} {one['brand']}: {one['status']}")
    links = [text["body"].rsplit(" ", 1)[-1] for text in watch.texts if "/t/" in text["body"]]
    console.print("\nOpen, while the stack is running:")
    for link in links[-3:]:
        console.print(f"  {link}   [dim]a recipient's page[/dim]")
    console.print(f"  {watch.api.base_url}{watch.sms_path}   [dim]the texts, as JSON[/dim]")
    console.print(f"  {folder / 'map.svg'}   [dim]the town and the day's routes[/dim]\n")


def _figures(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Lines of the table that ``GET /v1/metrics`` tells, with their samples."""
    known = {id_: one for id_, one in metrics["figures"].items() if one["value"] is not None}
    lines = (
        ("  order to door, half and nine of ten", ("order_to_door_p50_s", "order_to_door_p90_s")),
        ("  at the first try", ("first_attempt_rate",)),
        ("  way of each", ("distance_per_delivery_m",)),
        ("  driving cost of each", ("cost_per_delivery_minor",)),
        ("  CO2e of a parcel, by shipped factors", ("co2e_per_parcel_g",)),
        ("  doors an hour", ("stops_per_hour",)),
    )
    return [
        (name, ", ".join(_written(known[id_]) for id_ in ids) + f"  (n = {known[ids[0]]['n']})")
        for name, ids in lines
        if all(id_ in known for id_ in ids)
    ]


def _written(one: Mapping[str, Any]) -> str:
    value = one["value"]
    match one["unit"]:
        case "s":
            return f"{value / 60:.0f} min"
        case "ratio":
            return f"{value:.0%}"
        case "m":
            return f"{value / 1000:.1f} km"
        case "minor":
            return f"{value / 100:.2f}"
        case "g":
            return f"{value:.0f} g"
    return f"{value:.1f}"


def show_money(console: Console, money: Mapping[str, Any]) -> None:
    """Invoices, payouts and the journal, side by side with what they have to agree with."""
    owed = Table(
        "merchant", "deliveries", "charged", "tips", "invoice", "of", title="Invoices [EUR]"
    )
    for one in money["merchants"]:
        owed.add_row(
            one["name"],
            str(one["deliveries"]),
            _euros(one["charged_minor"]),
            _euros(one["tips_minor"]),
            str(one["invoice"]),
            _euros(one["invoice_minor"]),
        )
    paid = Table("driver", "routes", "earned", "cash kept", "paid", title="Payouts [EUR]")
    for one in money["drivers"]:
        paid.add_row(
            one["name"],
            str(one["routes"]),
            _euros(one["statements_minor"]),
            _euros(one["kept_minor"]),
            _euros(one["paid_minor"]),
        )
    console.print(owed, paid)
    cash, tips, journal = money["cash"], money["tips"], money["journal"]
    console.print(
        f"cash from doors {_euros(cash['collected_minor'])}: handed over "
        f"{_euros(cash['handed_over_minor'])}, kept as pay {_euros(cash['kept_minor'])}; tips "
        f"{_euros(tips['given_minor'])}, passed on {_euros(tips['passed_on_minor'])}; "
        f"{journal['entries']} entries sum to {_euros(journal['sum_minor'])}"
    )
    for wrong in money["wrong"]:
        console.print(f"[red]does not agree[/red] {wrong}")
    if not money["wrong"]:
        console.print("[green]Invoices, payouts and the journal agree to the cent.[/green]\n")


def _euros(minor: int) -> str:
    return f"{minor / 100:.2f}"


def _waiting(wave: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a wave left behind by choice: it says until when."""
    return [one for one in wave["unserved"] if one["until"] is not None]


def _waited(waves: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Deliveries that waited for a later wave, by the last reason."""
    oldest_first = sorted(waves, key=lambda wave: str(wave["planned_at"]))
    last = {one["delivery_id"]: one["reason"] for wave in oldest_first for one in _waiting(wave)}
    return dict(Counter(last.values()))


def _sent_because(waves: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return dict(Counter(str(one["reason"]) for wave in waves for one in wave["sent"]))


def _counted(reasons: Mapping[str, int]) -> str:
    told = (f"{n} {reason.replace('_', ' ')}" for reason, n in sorted(reasons.items()))
    return ", ".join(told) or "none"


def _rejected(answers: Counter[str]) -> dict[str, int]:
    """What was refused, by reason: visibly to the merchant, or at the door for its signature."""
    reasons = {key.partition("/")[2]: n for key, n in answers.items() if "/" in key}
    forged = answers["bad_signature"]
    return {**reasons, "bad_signature": forged} if forged else reasons
