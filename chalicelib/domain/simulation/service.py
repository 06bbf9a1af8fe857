"""Use cases of simulations: ask, take back, and what the worker notes as it goes."""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.simulation import store
from chalicelib.domain.simulation.model import Asked, Simulation, State
from chalicelib.storage.unit_of_work import UnitOfWork


def ask(uow: UnitOfWork, asked: Asked, by: str) -> Simulation:
    """Write down what to play; raise NotFound for a hub that there is not."""
    if asked.hub_id is not None:
        merchants.load_hub(uow, asked.hub_id)
    wanted = Simulation(uow.new_id("sim"), asked, by, uow.now)
    store.add(uow, wanted)
    return wanted


def cancel(uow: UnitOfWork, simulation_id: str) -> Simulation:
    """Play no further run; one that is over stays as it is. The same twice is once."""
    before = store.load(uow, simulation_id)
    if before.state.is_over:
        return before
    return _save(uow, before, state=State.CANCELLED, ended_at=uow.now)


def begin(uow: UnitOfWork, simulation_id: str, recorded: Mapping[str, float]) -> Simulation:
    """The day is there, and the first run begins."""
    before = store.load(uow, simulation_id)
    if before.state is not State.QUEUED:
        return before
    told = tuple(sorted((name, repr(float(value))) for name, value in recorded.items()))
    return _save(uow, before, state=State.PLAYING, begun_at=uow.now, recorded=told)


def note(uow: UnitOfWork, simulation_id: str, share_percent: int) -> Simulation:
    """How far the run is that is being played."""
    before = store.load(uow, simulation_id)
    if before.state is not State.PLAYING or before.share_percent == share_percent:
        return before
    return _save(uow, before, share_percent=share_percent)


def end(uow: UnitOfWork, simulation_id: str, failure: str | None = None) -> Simulation:
    """Every run has been played, or none more will be; whoever took it back keeps that."""
    before = store.load(uow, simulation_id)
    if before.state.is_over:
        return before
    state = State.DONE if failure is None else State.FAILED
    return _save(uow, before, state=state, failure=failure, share_percent=0, ended_at=uow.now)


def _save(uow: UnitOfWork, before: Simulation, **changes: object) -> Simulation:
    after = replace(before, version=before.version + 1, **changes)  # type: ignore[arg-type]
    store.save(uow, after)
    return after
