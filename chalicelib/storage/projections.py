"""What does an index show of an item? Its keys, and what is copied into it; nothing else.

The template deploys it so, and what stands in for the tables shows no more than that: whoever reads
more off an index than it holds finds out in the first test.
"""

from collections.abc import Mapping

from chalicelib.storage.keys import Index

#: Attributes that an index holds beside the keys: g1 has all that a plan is made of.
COPIED: Mapping[Index, tuple[str, ...]] = {
    Index.PENDING: ("pending",),
    Index.LISTS: (),
    Index.ATTENTION: (),
    Index.NEWS: (),
}

#: Every attribute that an index holds.
SHOWN: Mapping[Index, tuple[str, ...]] = {
    index: ("pk", "sk", f"{index.value}pk", f"{index.value}sk", *copied)
    for index, copied in COPIED.items()
}
