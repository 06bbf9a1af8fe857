"""Small made-up days, and tables that are kept twice: in the notebook and on moto."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache

from boto3.dynamodb.types import TypeSerializer

from chalicelib.domain.simulation import made_up
from chalicelib.domain.simulation.choices import Choices, Scenario
from chalicelib.domain.simulation.day import Run, simulate
from chalicelib.domain.simulation.recorded import RecordedDay
from chalicelib.storage.keys import Index, Key
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.table import Page, Put, Tables, from_wire

DAY = date(2026, 11, 26)
MADE_AT = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)
AS_IT_WAS = Choices()
_SERIALIZE = TypeSerializer().serialize


@cache
def a_day(parcels: int = 12, drivers: int = 3) -> RecordedDay:
    """Rare waves: what is tested here is not how often they are formed."""
    recipe = made_up.Recipe(parcels=parcels, drivers=drivers, brands=3, tick_s=3600)
    return made_up.make(recipe, DAY, MADE_AT)


@cache
def played(choices: Choices = AS_IT_WAS, seed: int = 1) -> RecordedDay:
    """A day as it was played, by plans without a search: what tests look at is not their length."""
    run = Run(Scenario("tried", choices), seed, engine="construct")
    return simulate(a_day(), run)


class Twins(Notebook):
    """A notebook that does everything on DynamoDB's tables as well, and compares the answers."""

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self.tables = tables
        self.compared = 0

    def get(self, key: Key):
        return self._same(super().get(key), self.tables.get(key))

    def get_many(self, keys: Iterable[Key]):
        wanted = list(keys)
        return self._same(super().get_many(wanted), self.tables.get_many(wanted))

    def query(self, source, pk, sk_prefix="", **rest) -> Page:
        page = super().query(source, pk, sk_prefix, **rest)
        kept = self.tables.query(source, pk, sk_prefix, **rest)
        if isinstance(source, Index):
            # An index has some of an item only: whoever is served must make do with that.
            shown = [
                _part(mine, theirs) for mine, theirs in zip(page.items, kept.items, strict=True)
            ]
            self._same(shown, list(kept.items))
            return Page(kept.items, page.cursor)
        self._same(list(page.items), list(kept.items))
        return page

    def commit(self, writes, writer: str) -> None:
        super().commit(writes, writer)
        self.tables.commit(writes, writer)

    def seed(self, key: Key, item) -> None:
        super().seed(key, item)
        bare = {name: value for name, value in item.items() if name not in ("pk", "sk")}
        self.tables.commit([Put(key, bare, None)], "seed")

    def _same(self, ours, theirs):
        self.compared += 1
        assert _told(ours) == _told(theirs)
        return ours


def _part(mine, theirs):
    return {name: value for name, value in mine.items() if name in theirs}


def _told(found):
    """As DynamoDB would give it back, without the token of whoever wrote a seed."""
    if isinstance(found, dict) and found and all(isinstance(key, Key) for key in found):
        return {key: _told(item) for key, item in found.items()}
    if isinstance(found, list):
        return [_told(item) for item in found]
    if not found:
        return found
    plain = from_wire({name: _SERIALIZE(value) for name, value in found.items()})
    return {name: value for name, value in plain.items() if name != "writer"}
