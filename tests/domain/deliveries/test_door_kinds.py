"""The kind of a door is told from what the shop wrote."""

import pytest

from chalicelib.domain.deliveries.door_kinds import kind_of
from chalicelib.domain.deliveries.model import Address, DoorKind, Recipient
from chalicelib.kit.parcel import Parcel

ONE = Parcel(500, 1_000)


@pytest.mark.parametrize(
    ("name", "line2", "notes", "kind"),
    [
        ("Ada Sommer", "", "", DoorKind.HOUSE),
        ("Ada Sommer", "3. OG links", "", DoorKind.APARTMENT),
        ("Ada Sommer", "Apt 4b", "", DoorKind.APARTMENT),
        ("Ada Sommer", "", "second floor, ring twice", DoorKind.APARTMENT),
        ("Ada Sommer", "Sommer & Kind GmbH", "", DoorKind.BUSINESS),
        ("Praxis Dr. Sommer", "", "", DoorKind.BUSINESS),
        ("Agnes Kglund", "", "", DoorKind.HOUSE),
    ],
)
def test_name_second_line_and_notes_tell(name, line2, notes, kind):
    address = Address("Lindenweg 7", line2, "Neustadt", "34117", "DE")
    assert kind_of(Recipient(name, None, address, notes), ONE) is kind


def test_many_parcels_go_to_a_business():
    address = Address("Lindenweg 7", "", "Neustadt", "34117", "DE")
    many = Parcel(2_000, 4_000, 5)
    assert kind_of(Recipient("Ada Sommer", None, address, ""), many) is DoorKind.BUSINESS
