"""Do the books hold together? Everything is read again and worked out anew; nothing is written.

Account by account: each line is the leg of an entry that stands in the journal, each entry's other
lines stand where they should, each closing is what its lines come to, each invoice what its period
was charged, each payout what it moved, what was added to pay what the hourly floor asks for; and
the numbers of invoices have no gap. An entry is counted at one of its accounts, its home, so that
what all pages found sums to nothing in each currency.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.billing import hourly_floor, invoices, payouts, periods, store
from chalicelib.domain.billing.invoices import PaperKind
from chalicelib.domain.billing.model import Account, AccountKind, Entry
from chalicelib.domain.billing.store import AccountLine
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.keys import Key
from chalicelib.storage.unit_of_work import UnitOfWork

#: Enough for a page: an account is never cut in two, so there may be more.
LINES_AT_ONCE = 4_000
_GETS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that should not be: where, and what."""

    account: str
    what: str


@dataclass(slots=True)
class Findings:
    """What was looked at, and what was found. ``balances``: by kind of account and currency."""

    accounts: int = 0
    lines: int = 0
    entries: int = 0
    closings: int = 0
    papers: int = 0
    payouts: int = 0
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    #: The account to go on after; nothing when this was the last.
    next_after: str = ""

    def sums(self) -> dict[str, int]:
        """By currency: nothing, on each page."""
        found: dict[str, int] = {}
        for (_, currency), amount in self.balances.items():
            found[currency] = found.get(currency, 0) + amount
        return found

    def blame(self, account: Account | str, what: str) -> None:
        self.faults.append(Fault(str(account), what))


def check(uow: UnitOfWork, after: str = "") -> Findings:
    """Check the accounts after one, by name, until the page is full."""
    found = Findings()
    accounts = sorted(store.list_accounts(uow), key=str)
    if not after:
        _check_numbers(uow, accounts, found)
    for account in accounts:
        if str(account) <= after:
            continue
        if found.lines >= LINES_AT_ONCE:
            return found
        _check_account(uow, account, found)
        found.next_after = str(account)
    found.next_after = ""
    return found


def home_of(entry: Entry) -> Account:
    """The account at which an entry is counted: every entry has a leg of one with an owner."""
    return min((leg.account for leg in entry.legs if leg.account.kind.has_owner), key=str)


def _check_account(uow: UnitOfWork, account: Account, found: Findings) -> None:
    since = store.since_of(uow, account)
    assert since is not None
    lines = list(store.lines_between(uow, account, since, periods.behind_all(uow.now)))
    found.accounts += 1
    found.lines += len(lines)
    for share in _shares(lines):
        _check_lines(uow, account, share, found)
    _check_closings(uow, account, lines, found)
    if account.kind is AccountKind.RECEIVABLE:
        _check_papers(uow, account, lines, found)
    if account.kind is AccountKind.EARNINGS:
        _check_payouts(uow, account, lines, found)
        _check_floor(uow, account, lines, found)


def _shares(lines: Sequence[AccountLine]) -> Iterator[Sequence[AccountLine]]:
    for at in range(0, len(lines), _GETS_AT_ONCE):
        yield lines[at : at + _GETS_AT_ONCE]


def _check_lines(
    uow: UnitOfWork, account: Account, lines: Sequence[AccountLine], found: Findings
) -> None:
    """The lines against the journal, and the journal against the other lines."""
    kept = store.load_entries(uow, [(line.entry.book, line.entry.revision) for line in lines])
    beside: list[tuple[Account, Entry]] = []
    for line in lines:
        entry = kept.get((line.entry.book, line.entry.revision))
        if entry != line.entry or entry.amount_of(account) != line.amount_minor:
            found.blame(account, f"the line of {line.entry.id} is not what the journal says")
            continue
        beside += [
            (leg.account, entry)
            for leg in entry.legs
            if leg.account.kind.has_owner and leg.account != account
        ]
        if home_of(entry) == account:
            found.entries += 1
            for leg in entry.legs:
                place = (leg.account.kind.value, leg.account.currency)
                found.balances[place] = found.balances.get(place, 0) + leg.amount_minor
    keys = {_line_key(other, entry): (other, entry) for other, entry in beside}
    there = uow.get_many(keys)
    for key, (other, entry) in keys.items():
        if key not in there:
            found.blame(other, f"the line of {entry.id} is missing")


def _line_key(account: Account, entry: Entry) -> Key:
    at = write_instant(entry.at)
    return money_keys.account_line(str(account), store.month_of(entry.at), at, entry.id)


def _check_closings(
    uow: UnitOfWork, account: Account, lines: Iterable[AccountLine], found: Findings
) -> None:
    every = list(lines)
    balance = 0
    for closing in periods.list_closings(uow, account):
        found.closings += 1
        within = (one for one in every if closing.from_at <= one.entry.at < closing.until_at)
        moved = sum(line.amount_minor for line in within)
        if (closing.opening_minor, closing.moved_minor) != (balance, moved):
            found.blame(account, f"the closing of {write_instant(closing.until_at)} is not its sum")
        balance += moved


def _check_papers(
    uow: UnitOfWork, account: Account, lines: Iterable[AccountLine], found: Findings
) -> None:
    every = [one for one in lines if one.entry.book.kind in invoices.CHARGED]
    papers = [
        one
        for one in invoices.list_invoices(uow, account.owner)
        if one.currency == account.currency
    ]
    for paper in papers:
        found.papers += 1
        own = invoices.lines_of(uow, paper)
        sums = (
            sum(line.net_minor for line in own),
            sum(line.tax_minor for line in own),
            sum(line.tip_minor for line in own),
        )
        if (len(own), *sums) != (paper.lines, paper.net_minor, paper.tax_minor, paper.tip_minor):
            found.blame(account, f"{paper.number} is not the sum of its lines")
    closings = periods.list_closings(uow, account)
    until = closings[-1].until_at if closings else None
    charged = sum(one.amount_minor for one in every if until and one.entry.at < until)
    signs = {PaperKind.INVOICE: 1, PaperKind.CREDIT_NOTE: -1}
    if charged != sum(signs[paper.kind] * paper.total_minor for paper in papers):
        found.blame(account, "invoices and credit notes are not what was charged")


def _check_payouts(
    uow: UnitOfWork, account: Account, lines: Iterable[AccountLine], found: Findings
) -> None:
    posted = {
        one.entry.because: one.amount_minor
        for one in lines
        if one.entry.book.kind == payouts.PAYOUT
    }
    for made in payouts.list_payouts(uow, account.owner):
        if made.currency != account.currency:
            continue
        found.payouts += 1
        if posted.pop(made.id, 0) != made.settled_minor:
            found.blame(account, f"{made.id} is not what was posted")
    for because in posted:
        found.blame(account, f"{because} was posted and is no payout")


def _check_floor(
    uow: UnitOfWork, account: Account, lines: Iterable[AccountLine], found: Findings
) -> None:
    """What was added in each closed period is what its wages were short of the hourly floor."""
    added = {
        one.entry.book: -one.amount_minor
        for one in lines
        if one.entry.book.kind == hourly_floor.FLOOR
    }
    whose = (account.owner, account.currency)
    for closing in periods.list_closings(uow, account):
        missing = hourly_floor.short_of(uow, *whose, closing.from_at, closing.until_at)
        if added.pop(hourly_floor.book_of(*whose, closing.until_at), 0) != missing:
            until = write_instant(closing.until_at)
            found.blame(account, f"what was added up to {until} is not what the floor asks for")
    for book in added:
        found.blame(account, f"{book} was added for no closed period")


def _check_numbers(uow: UnitOfWork, accounts: Iterable[Account], found: Findings) -> None:
    """Each series counts from 1 to its last number, and has each once."""
    owners = {one.owner for one in accounts if one.kind is AccountKind.RECEIVABLE}
    numbers: dict[str, list[int]] = {}
    for owner in sorted(owners):
        for paper in invoices.list_invoices(uow, owner):
            series, _, number = paper.number.rpartition("-")
            numbers.setdefault(series, []).append(int(number))
    for series, counted in invoices.last_numbers(uow).items():
        if sorted(numbers.pop(series, [])) != list(range(1, counted + 1)):
            found.blame(series, "the numbers of invoices have a gap")
    for series in numbers:
        found.blame(series, "invoices have numbers that nobody gave")
