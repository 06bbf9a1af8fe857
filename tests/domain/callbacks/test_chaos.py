"""Events twice, workers that die before or after a call, receivers that come and go: all arrives.

A worker that dies leaves its order to the queue, which brings it again after the visibility timeout
of the template. In the end everybody is well; then every event has arrived, under one id.
"""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.callbacks import sending
from chalicelib.domain.callbacks.model import EndpointRef, MessageState, Reply
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.domain.callbacks.stage import OK, START, Internet, Office, an_event, hours, means

VISIBILITY = timedelta(seconds=540)
BAD = [Reply(500), Reply(None, "timeout"), Reply(302), Reply(429, wished_delay_s=120)]


class Killed(BaseException):
    """The process dies: nothing after it runs."""


class ShakyOffice(Office):
    """An office whose worker dies at its n-th step from now, if it is told so.

    Steps are units of work and calls: a death lies between two commits, or right after a call.
    """

    dies_in: int | None = None

    def step(self) -> None:
        if self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in <= 0:
                raise Killed

    def shaky_run(self, use_case):
        self.step()
        return self.run(use_case)

    def shaky_post(self, url, headers, body):
        self.step()
        reply = self.internet.post(url, headers, body)
        self.step()
        return reply

    def handle(self, ref: EndpointRef) -> None:
        try:
            done = sending.drain(self.shaky_run, means(self.shaky_post), ref)
        except Killed:
            self.dies_in = None
            self.order(ref, VISIBILITY)
            return
        if done.again:
            self.order(ref)
        if done.soon is not None:
            self.order(ref, done.soon + timedelta(seconds=1))


def an_office() -> ShakyOffice:
    clock, tables = FrozenClock(START), Notebook()
    return ShakyOffice(lambda: UnitOfWork(tables, clock), clock, Internet(clock))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hear"), st.integers(0, 5)),
        st.tuples(st.just("die"), st.integers(1, 9)),
        st.tuples(st.just("break"), st.sampled_from(BAD)),
        st.tuples(st.just("mend"), st.none()),
        st.tuples(st.just("wait"), st.integers(1, 1200)),
    ),
    max_size=40,
)


@settings(max_examples=300)
@given(STEPS)
def test_every_event_arrives_in_the_end_under_one_id(steps: list[tuple[str, object]]) -> None:
    office = an_office()
    endpoint = office.open()
    heard = {}
    for what, how in steps:
        match what:
            case "hear":
                heard.setdefault(how, an_event(how, office.clock.at))
                office.hear(heard[how])
            case "die":
                office.dies_in = how
            case "break":
                office.internet.answer = lambda _, reply=how: reply
            case "mend":
                office.internet.answer = lambda _: OK
            case "wait":
                office.live(office.clock.at + timedelta(seconds=how))
    office.dies_in = None
    office.internet.answer = lambda _: OK
    # Longer than the longest wait of the schedule.
    office.live(office.clock.at + hours(30))
    states = {one.event_id: one.state for one in office.log(endpoint)}
    assert states == dict.fromkeys((one.id for one in heard.values()), MessageState.DELIVERED)
    told = {(one.headers["webhook-id"], one.body) for one in office.internet.sent}
    assert len(told) == len(heard)
