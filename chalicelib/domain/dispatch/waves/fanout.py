"""Who works on a wave that is too large for one worker, and how far are they?

A round: the plan so far is parted (``cuts``), the parts are solved side by side, their answers are
merged, and the next round parts it along other lines. One item per wave says which round it is in;
one item per part holds the first answer to it. Every step is a version on the wave's item, so a
message that comes twice, or late, finds the round gone and changes nothing. A message delayed to
the deadline closes the wave whatever has come back by then. Whoever closes claims it first, and
makes the routes real as for any wave; a claim that leads nowhere is taken over.

Rounds and deadlines are in wall time: searching takes real seconds, whatever the stage's clock.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.dispatch.waves.cuts import Answer, Cut, read_answer, write_answer
from chalicelib.domain.dispatch.waves.forming import WaveOrder
from chalicelib.domain.routing.decompose import part_jobs
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: More and shorter rounds beat fewer and longer ones of the same total (docs/benchmarks.md).
ROUNDS = 5
#: Workers that run at once: what the ``waves`` queue may occupy (infra/template/functions).
SIDE_BY_SIDE = 16
#: A part's search in one round [s]: 600 jobs get six seconds.
LONGEST_SEARCH_S = 8.0
SHORTEST_SEARCH_S = 1.0
JOBS_PER_SECOND = 100
#: What a worker may take beside its search, cold [s], and a round beside its workers [s].
WORKER_SLACK_S = 10
ROUND_SLACK_S = 20
#: SQS delays a message by 15 minutes at most; the deadline has to fit, and closing, too.
LATEST_DEADLINE_S = 840
#: Whoever closes has so long [s]; then somebody else takes over. The function's own timeout.
CLOSING_S = 300
#: What is kept of a shared wave afterwards, for whoever looks why.
KEPT = timedelta(days=1)


class Stage(StrEnum):
    SOLVING = "solving"
    CLOSING = "closing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class SharedWave:
    """``snapshot`` and ``cut`` are the keys of payloads: what is solved, and this round's cut."""

    wave_id: str
    hub_id: str
    slot: str
    version: int
    stage: Stage
    round: int
    parts: int
    snapshot: str
    cut: str
    opened_at: datetime
    deadline_at: datetime
    claimed_at: datetime | None = None

    def is_last_round(self, at: datetime, longest_s: float) -> bool:
        """True if no further round would end before the deadline."""
        return self.round + 1 >= ROUNDS or at + timedelta(seconds=longest_s) > self.deadline_at


def part_size(jobs: int, fan_out_above: int) -> int:
    """Jobs per part: a third, or more, of what one worker still takes alone."""
    return part_jobs(jobs, SIDE_BY_SIDE, max(1, fan_out_above // 3))


def search_s(jobs: int) -> float:
    """How long a worker searches a part of so many jobs [s]."""
    return min(LONGEST_SEARCH_S, max(SHORTEST_SEARCH_S, jobs / JOBS_PER_SECOND))


def round_s(cut: Cut) -> float:
    """How long a round of this cut is waited for [s]; then the late ones are left behind."""
    largest = max(len(share.jobs) for share in cut.shares)
    batches = math.ceil(len(cut.shares) / SIDE_BY_SIDE)
    return batches * (search_s(largest) + WORKER_SLACK_S) + ROUND_SLACK_S


def wave_s(cut: Cut) -> float:
    """How long the whole wave may take until it is closed [s]."""
    return min(LATEST_DEADLINE_S, ROUNDS * round_s(cut))


# -- steps -----------------------------------------------------------------------------------------


def open_wave(
    uow: UnitOfWork, order: WaveOrder, payloads: tuple[str, str], parts: int, lasts_s: float
) -> SharedWave | None:
    """Begin round 0.

    Parameters
    ----------
    payloads
        Keys of the snapshot and of the first cut.

    Returns
    -------
    The wave; None if it was opened before, or another wave of this hub is being shared out.
    """
    if find(uow, order.wave_id) is not None or is_open(uow, order.hub_id):
        return None
    deadline_at = uow.wall_now + timedelta(seconds=lasts_s)
    wave = SharedWave(
        wave_id=order.wave_id,
        hub_id=order.hub_id,
        slot=order.slot,
        version=1,
        stage=Stage.SOLVING,
        round=0,
        parts=parts,
        snapshot=payloads[0],
        cut=payloads[1],
        opened_at=uow.now,
        deadline_at=deadline_at,
    )
    _save(uow, wave)
    mark = uow.get(keys.open_wave(order.hub_id)) or {}
    uow.put(
        keys.open_wave(order.hub_id),
        {
            "wave_id": order.wave_id,
            "until": write_instant(deadline_at + timedelta(seconds=CLOSING_S)),
        },
        expect=mark.get("version", 0),
        expires_at=uow.wall_now + KEPT,
    )
    return wave


def is_open(uow: UnitOfWork, hub_id: str) -> bool:
    """True while a wave of this hub is being shared out: another one would find the same work.

    Only saves work; two waves at once are harmless.
    """
    mark = uow.get(keys.open_wave(hub_id))
    return mark is not None and read_instant(mark["until"]) > uow.wall_now


def advance(uow: UnitOfWork, wave: SharedWave, cut: str, parts: int) -> SharedWave | None:
    """Begin the next round; None if somebody else did, or closed the wave."""
    return _step(uow, wave, round=wave.round + 1, cut=cut, parts=parts)


def claim(uow: UnitOfWork, wave: SharedWave, cut: str) -> SharedWave | None:
    """Claim the closing of a wave, with its final tours; None if somebody else did."""
    return _step(uow, wave, stage=Stage.CLOSING, cut=cut, claimed_at=uow.wall_now)


def take_over(uow: UnitOfWork, wave_id: str) -> SharedWave | None:
    """Claim a closing whose claimer must be dead; None if there is none."""
    wave = find(uow, wave_id)
    if wave is None or wave.stage is not Stage.CLOSING or wave.claimed_at is None:
        return None
    if wave.claimed_at + timedelta(seconds=CLOSING_S) > uow.wall_now:
        return None
    return _step(uow, wave, claimed_at=uow.wall_now)


def end(uow: UnitOfWork, wave: SharedWave) -> None:
    """The wave is recorded; the hub may have another one."""
    _step(uow, wave, stage=Stage.DONE)
    mark = uow.get(keys.open_wave(wave.hub_id))
    if mark is not None and mark["wave_id"] == wave.wave_id:
        uow.delete(keys.open_wave(wave.hub_id), expect=mark["version"])


def find(uow: UnitOfWork, wave_id: str) -> SharedWave | None:
    item = uow.get(keys.shared_wave(wave_id))
    if item is None:
        return None
    claimed_at = item["claimed_at"]
    return SharedWave(
        wave_id=wave_id,
        hub_id=item["hub_id"],
        slot=item["slot"],
        version=item["version"],
        stage=Stage(item["stage"]),
        round=item["round"],
        parts=item["parts"],
        snapshot=item["snapshot"],
        cut=item["cut"],
        opened_at=read_instant(item["opened_at"]),
        deadline_at=read_instant(item["deadline_at"]),
        claimed_at=None if claimed_at is None else read_instant(claimed_at),
    )


def _step(uow: UnitOfWork, wave: SharedWave, **changes: Any) -> SharedWave | None:
    """Change the wave unless it is not as it was seen any more."""
    current = find(uow, wave.wave_id)
    if current is None or current.version != wave.version:
        return None
    stepped = replace(wave, version=wave.version + 1, **changes)
    _save(uow, stepped)
    return stepped


def _save(uow: UnitOfWork, wave: SharedWave) -> None:
    claimed_at = wave.claimed_at
    uow.put(
        keys.shared_wave(wave.wave_id),
        {
            "hub_id": wave.hub_id,
            "slot": wave.slot,
            "version": wave.version,
            "stage": wave.stage.value,
            "round": wave.round,
            "parts": wave.parts,
            "snapshot": wave.snapshot,
            "cut": wave.cut,
            "opened_at": write_instant(wave.opened_at),
            "deadline_at": write_instant(wave.deadline_at),
            "claimed_at": None if claimed_at is None else write_instant(claimed_at),
        },
        expect=wave.version - 1,
        expires_at=uow.wall_now + KEPT,
    )


# -- answers ---------------------------------------------------------------------------------------


def is_answered(uow: UnitOfWork, wave_id: str, round_: int, part: int) -> bool:
    return uow.get(keys.part_answer(wave_id, round_, part)) is not None


def keep_answer(uow: UnitOfWork, wave_id: str, round_: int, part: int, answer: Answer) -> bool:
    """Keep the first answer to a part; False if there was one."""
    if is_answered(uow, wave_id, round_, part):
        return False
    key = keys.part_answer(wave_id, round_, part)
    item = {"part": part, "answer": write_answer(answer)}
    uow.put(key, item, expect=0, expires_at=uow.wall_now + KEPT)
    return True


def count_answers(uow: UnitOfWork, wave: SharedWave) -> int:
    return len(_answer_items(uow, wave))


def answers(uow: UnitOfWork, wave: SharedWave) -> dict[int, Answer]:
    """The answers of this round so far, by part; what cannot be read counts as not answered."""
    read = {item["part"]: read_answer(item["answer"]) for item in _answer_items(uow, wave)}
    return {part: answer for part, answer in read.items() if answer is not None}


def _answer_items(uow: UnitOfWork, wave: SharedWave) -> list[Item]:
    return uow.query_all(TableName.CORE, *keys.part_answers(wave.wave_id, wave.round))
