"""Papers as PDF: many pages, any script, the same bytes each time."""

import re
from datetime import UTC, datetime

from chalicelib.gateways import papers

AT = datetime(2026, 12, 1, 3, 10, tzinfo=UTC)


def a_paper(rows: int, note: str = "#1") -> papers.Paper:
    cells = [("2026-11-01", f"Delivery {note}", "4.90") for _ in range(rows)]
    table = papers.Table(("Day", "Order", "Net"), (20, 60, 20), cells, 1, ("", "All", "9.80"))
    parts = [
        papers.Part("From", [("", "Us")], beside=papers.Part("To", [("", "You " * 40)])),
        papers.Part("To be paid", sums=[("Net", "4.90 EUR"), ("Total", "4.90 EUR")]),
        papers.Part("Lines", table=table),
    ]
    return papers.Paper("Invoice 2026-000042", "November", parts, "Foot", b"<x/>", AT)


def pages(made: bytes) -> int:
    found = re.search(rb"/Count (\d+)", made)
    assert found is not None
    return int(found[1])


def test_many_lines_go_over_pages_and_the_same_paper_has_the_same_bytes() -> None:
    assert pages(papers.make(a_paper(120))) == 3
    made = papers.make(a_paper(3))
    assert pages(made) == 1
    assert made == papers.make(a_paper(3))


def test_a_letter_that_the_font_has_not_leaves_a_box_and_no_gap() -> None:
    """Two orders of two shops must not look like none."""
    boxed, plain = papers.make(a_paper(1, "订单 1042")), papers.make(a_paper(1, "□□ 1042"))
    assert boxed == plain
    assert papers.make(a_paper(1, "طلب Заказ")) != papers.make(a_paper(1, "□□□ □□□□□"))
