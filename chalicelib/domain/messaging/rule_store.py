"""How are the operator's rules for texts kept? One item of the network; without it, the usual."""

from chalicelib.domain.messaging.limits import TextRules
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.unit_of_work import UnitOfWork


def load(uow: UnitOfWork) -> TextRules:
    item = uow.get(keys.text_rules())
    if item is None:
        return TextRules()
    countries = item["countries"]
    return TextRules(
        countries=None if countries is None else tuple(countries),
        per_number_hour=item["per_number_hour"],
        per_number_day=item["per_number_day"],
        per_merchant_day=item["per_merchant_day"],
        per_country_hour=item["per_country_hour"],
        currency=item["currency"],
        budget_minor=item["budget_minor"],
        prices_micros=dict(item["prices_micros"]),
        usual_price_micros=item["usual_price_micros"],
        version=item["version"],
    )


def save(uow: UnitOfWork, rules: TextRules) -> None:
    """Save the next version of rules that were loaded."""
    item = {
        "countries": None if rules.countries is None else list(rules.countries),
        "per_number_hour": rules.per_number_hour,
        "per_number_day": rules.per_number_day,
        "per_merchant_day": rules.per_merchant_day,
        "per_country_hour": rules.per_country_hour,
        "currency": rules.currency,
        "budget_minor": rules.budget_minor,
        "prices_micros": dict(rules.prices_micros),
        "usual_price_micros": rules.usual_price_micros,
        "version": rules.version + 1,
    }
    uow.put(keys.text_rules(), item, expect=rules.version)
