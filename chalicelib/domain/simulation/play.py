"""What comes next? A queue of moments on a virtual clock, and units of work on tables in memory.

Each moment is played by the use case that plays it in production, in a unit of work of its own; the
news of its commit are told to the same listeners (``hearing``), in order, before time goes on. Ids
are named by a counter and times are the clock's, so the same day is the same bytes.
"""

import heapq
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from chalicelib.domain.simulation.hearing import HEARD
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import Conflict, NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.ids import named_id
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork

#: A listener that keeps losing is a fault, not a race: there is one thread.
_TRIES = 3


class Play:
    """The clock, the tables and the queue of one day."""

    def __init__(self, starts_at: datetime, name: str, notebook: Notebook | None = None) -> None:
        self.notebook = notebook or Notebook()
        self.clock = FrozenClock(starts_at)
        self._name = name
        self._made = count()
        self._order = count()
        self._moments: list[tuple[datetime, int, Callable[[], None]]] = []
        self._untold: deque[Event] = deque()
        self._tells = False
        self.hear: Callable[[Event], None] = lambda event: None

    @property
    def now(self) -> datetime:
        return self.clock.at

    def at(self, when: datetime, moment: Callable[[], None]) -> None:
        """Let something happen then; what is due already happens next."""
        heapq.heappush(self._moments, (max(when, self.now), next(self._order), moment))

    def after(self, seconds: float, moment: Callable[[], None]) -> None:
        self.at(self.now + timedelta(seconds=seconds), moment)

    def step(self, until: datetime) -> bool:
        """Play the next moment; False when there is none before ``until``."""
        if not self._moments or self._moments[0][0] > until:
            return False
        when, _, moment = heapq.heappop(self._moments)
        self.clock.at = max(self.now, when)
        moment()
        return True

    def unit(self) -> UnitOfWork:
        return UnitOfWork(self.notebook, self.clock, self._id)

    def read[T](self, question: Callable[[UnitOfWork], T]) -> T:
        return question(self.unit())

    def run[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        """Carry a use case out, and let everybody hear of it."""
        uow = self.unit()
        result = use_case(uow)
        uow.commit()
        self._tell()
        return result

    def unless_lost(self, use_case: Callable[[UnitOfWork], object]) -> bool:
        """Carry it out unless it does not go with how things stand by now."""
        try:
            return bool(self.run(use_case))
        except (Conflict, NotFound):
            return False

    def _tell(self) -> None:
        """Every listener hears; what they cause is heard after."""
        self._untold.extend(self.notebook.news())
        if self._tells:
            return
        self._tells = True
        try:
            while self._untold:
                event = self._untold.popleft()
                for handle in HEARD.get(event.type, ()):
                    self._heard(handle, event)
                self.hear(event)
        finally:
            self._tells = False

    def _heard(self, handle: Callable[[UnitOfWork, Event], object], event: Event) -> None:
        for _ in range(_TRIES):
            uow = self.unit()
            try:
                handle(uow, event)
                uow.commit()
            except Conflict:
                # As the relay does: again, and then the redelivery's business.
                continue
            self._untold.extend(self.notebook.news())
            return

    def _id(self, prefix: str, at: datetime) -> str:
        return named_id(prefix, at, f"{self._name} {next(self._made)}")
