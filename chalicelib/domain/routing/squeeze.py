"""Does one more delivery fit into today's routes, where, and what does it add? An exact answer.

Of all pairs of a gap for the pickup and one for the dropoff, in every row of a day sheet, the
cheapest that breaks no promise, no load and no shift. It takes milliseconds in pure Python because
the best rows come first, and a row whose box of stops is too far away to win is not opened.

Source: Solomon 1987 (cheapest insertion), Savelsbergh 1992 (latest times from the back).
Units: [s] since the sheet's second 0, [m], points (see ``problem``).
"""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.routing.daysheet import Sheet
from chalicelib.domain.routing.detours import Detours, Gap, Newcomer, Span, lower_bound


class Squeezed(StrEnum):
    """Why nothing fits."""

    NOBODY = "nobody"  # the sheet has no drivers
    TOO_LARGE = "too_large"  # no vehicle could carry it, or none takes one more
    NO_TIME = "no_time"  # no gap keeps all promises
    BACKLOG = "backlog"  # what waits already takes the time that there is


@dataclass(frozen=True, slots=True)
class Fit:
    """The cheapest place: the row's index in ``Sheet.rows``, and the gap in it.

    ``extra_s`` is driving, setup and handling that it adds [s], ``extra_m`` road [m].
    """

    row: int
    gap: Gap
    extra_s: int
    extra_m: int


class Squeeze:
    """Asks one day sheet about one newcomer; :meth:`into` once per window.

    The geometry is kept between calls, so that a second window costs less.
    """

    def __init__(self, sheet: Sheet, newcomer: Newcomer) -> None:
        self._sheet = sheet
        self._new = newcomer
        self._detours: dict[int, Detours] = {}
        self._bounds = sorted(
            (lower_bound(sheet, row, newcomer), index)
            for index, row in enumerate(sheet.rows)
            if row.room > 0
            and newcomer.weight_g <= row.max_weight_g
            and newcomer.volume_ml <= row.max_volume_ml
        )

    def into(self, opens_s: int, latest_s: int) -> Fit | Squeezed:
        """The cheapest place where handing over begins within these seconds; of equals the first.

        A pickup behind a driver's last stop takes time that what waits already may need; one
        between two stops does not, but is only given when everything that waits has its time.
        """
        if not self._sheet.rows:
            return Squeezed.NOBODY
        if not self._bounds:
            return Squeezed.TOO_LARGE
        if self._sheet.waiting.lacks_time():
            return Squeezed.BACKLOG
        span = Span(opens_s, latest_s)
        best: tuple[int, int, Gap] | None = None
        crowded = False
        for bound, index in self._bounds:
            if best is not None and bound > best[0]:
                break
            gap, was_crowded = self._in_row(index, span, None if best is None else best[0])
            crowded |= was_crowded
            if gap is not None and (best is None or (gap.cost, index) < best[:2]):
                best = gap.cost, index, gap
        if best is None:
            return Squeezed.BACKLOG if crowded else Squeezed.NO_TIME
        _, index, gap = best
        return Fit(index, gap, *self._detours[index].added(gap))

    def _in_row(self, index: int, span: Span, most: int | None) -> tuple[Gap | None, bool]:
        """The cheapest gap of a row, and whether a better one is needed by what waits."""
        row = self._sheet.rows[index]
        detours = self._detours.get(index)
        if detours is None:
            detours = self._detours[index] = Detours(self._sheet, row, self._new)
        gap = detours.cheapest(span, most)
        if gap is None or row.first + gap.pickup_after + 1 < row.end:
            return gap, False
        if not self._sheet.waiting.lacks_time(detours.added(gap)[0], span.latest_s):
            return gap, False
        return detours.cheapest(span, most, inside=True), True
