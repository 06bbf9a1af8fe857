"""Whose money is it? A merchant's key says so; the operator names the merchant."""

from typing import Annotated

from pydantic import StringConstraints

from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.kit.errors import Invalid

#: Who reads the books of a merchant.
READ = (merchant(Scope.DELIVERIES_READ), OPERATOR)
Named = Annotated[str, StringConstraints(pattern=r"^mer_[0-9a-hjkmnp-tv-z]{26}$")]


class WhoseQuery(rest.Body):
    """The operator names the merchant."""

    merchant_id: Named | None = None


def merchant_of(caller: Caller, query: WhoseQuery) -> str:
    """The merchant's own id for a merchant, whatever the query names; raise Invalid."""
    if caller.role is Role.MERCHANT:
        return caller.id
    if query.merchant_id is None:
        field = {"field": "merchant_id", "error": "the operator names the merchant"}
        raise Invalid("whose books are they?", fields=[field])
    return query.merchant_id
