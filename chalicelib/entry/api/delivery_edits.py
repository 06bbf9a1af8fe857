"""A merchant changes its mind: another name, phone, door, note or time, while it still can be."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Address, Recipient
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import order as words
from chalicelib.domain.intake import service
from chalicelib.domain.intake.edits import Edit
from chalicelib.domain.intake.order import Contact
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.entry import rest, work
from chalicelib.entry.api import delivery_answers as answers
from chalicelib.entry.api.deliveries import WRITE
from chalicelib.entry.api.delivery_forms import (
    AddressForm,
    LanguageTag,
    Name,
    Notes,
    PhoneText,
    TipMinor,
    WindowForm,
    write_delivery,
)
from chalicelib.entry.api.door_forms import RequirementsForm, wishes_in
from chalicelib.entry.api.naming import named
from chalicelib.entry.orders_in import locate
from chalicelib.entry.path_parts import DeliveryId
from chalicelib.entry.surface import Doors
from chalicelib.kit import languages
from chalicelib.kit.errors import (
    IllegalTransition,
    ImpossibleRequirements,
    Invalid,
    PlacesUnavailable,
    Undeliverable,
)
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Deliveries")


class DropoffChanges(rest.Body):
    """What is left out stays as it is."""

    name: Name | None = None
    phone_number: PhoneText | None = None
    language: LanguageTag | None = None
    address: AddressForm | None = None
    latitude: rest.Latitude | None = None
    longitude: rest.Longitude | None = None
    notes: Notes | None = None

    model_config = rest.example(notes="Leave it with the neighbour")

    def contact(self, known: Recipient) -> Contact | None:
        """Who gets it now; a phone is read by the address's country."""
        if self.name is None and self.phone_number is None and self.language is None:
            return None
        name, language = self.name or known.name, self.language or known.language
        if self.phone_number is None:
            return Contact(name, known.phone, language=languages.read(language))
        country = (self.address or known.address).country
        said = words.contact(name, (self.phone_number,), country, language)
        if said.has_bad_phone:
            field = {"field": "dropoff.phone_number", "error": "no number that can be called"}
            raise Invalid("the phone number is wrong", fields=[field])
        return said


class DeliveryChanges(rest.Body):
    """What is left out stays as it is."""

    dropoff: DropoffChanges | None = None
    window: WindowForm | None = None
    requirements: RequirementsForm | None = None
    tip_minor: TipMinor | None = None

    model_config = rest.example(dropoff={"notes": "Leave it with the neighbour"})

    def edit(self, known: Recipient) -> Edit:
        to = self.dropoff or DropoffChanges()
        return Edit(
            contact=to.contact(known),
            address=None if to.address is None else Address(**to.address.model_dump()),
            position=words.position(to.latitude, to.longitude),
            notes=to.notes,
            window=self.window.window if self.window else None,
            wishes=wishes_in(self.requirements),
            tip_minor=self.tip_minor,
        )


@doors.route(
    "PATCH",
    "/v1/deliveries/{delivery_id}",
    who=(WRITE,),
    answers={200: answers.WholeDelivery},
    errors=(IllegalTransition, Undeliverable, ImpossibleRequirements, PlacesUnavailable),
)
def change_delivery(
    merchant_id: str, delivery_id: DeliveryId, body: DeliveryChanges
) -> Mapping[str, Any]:
    """Change a delivery before its parcel is picked up.

    What is left out stays; the price stays as it was agreed, but for the fee of another amount of
    cash to collect. A new address is found and doubted
    like that of a new delivery. A shop's own later version of the order counts again.
    """
    ref = named(merchant_id, delivery_id)
    server_key = wiring.vault().server_key()
    find = cache(locate)

    def change(uow: UnitOfWork) -> Mapping[str, Any]:
        merchant = merchant_store.load_merchant(uow, merchant_id)
        hub = merchant_store.load_hub(uow, merchant.hub_id)
        wanted = body.edit(_recipient(uow, ref))
        delivery = service.edit(uow, merchant, hub, ref.delivery_id, wanted, find, server_key)
        return write_delivery(delivery, delivery_store.load_recipient(uow, ref))

    return work.run(change)


def _recipient(uow: UnitOfWork, ref: DeliveryRef) -> Recipient:
    delivery_store.load(uow, ref)
    found = delivery_store.load_recipient(uow, ref)
    if found is None:
        raise IllegalTransition("the recipient's data has been deleted")
    return found
