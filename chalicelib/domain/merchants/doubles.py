"""Where are things tried out? A merchant's double: the same stores and settings, and no parcels.

The double is a merchant of its own, so nothing of a test can be read or changed with a live key,
nor the other way round: the keys of all data begin with the merchant's id. It is made with the
first test key, and follows what its merchant changes (:mod:`changes`).
"""

from dataclasses import replace

from chalicelib.domain.merchants import api_keys, store
from chalicelib.domain.merchants.api_keys import Issued, Scopes
from chalicelib.domain.merchants.model import Merchant
from chalicelib.storage.unit_of_work import UnitOfWork


def issue_test_key(uow: UnitOfWork, merchant_id: str, name: str, scopes: Scopes) -> Issued:
    """Make a key of the double, and the double with the first one."""
    merchant = store.load_merchant(uow, merchant_id)
    test_id = merchant.test_id if merchant.live else merchant.id
    if test_id is None:
        test_id = uow.new_id("mer")
        double = replace(
            merchant, id=test_id, sealed_secrets={}, test_id=None, live=False, version=1
        )
        store.save_merchant(uow, double)
        store.save_merchant(uow, replace(merchant, test_id=test_id, version=merchant.version + 1))
    return api_keys.issue(uow, test_id, name, scopes=scopes, live=False)


def follow(uow: UnitOfWork, merchant: Merchant) -> None:
    """Let the double have what its merchant has now."""
    if merchant.test_id is None:
        return
    double = store.load_merchant(uow, merchant.test_id)
    after = replace(
        merchant,
        id=double.id,
        sealed_secrets=double.sealed_secrets,
        test_id=None,
        live=False,
        version=double.version,
    )
    if after != double:
        store.save_merchant(uow, replace(after, version=double.version + 1))
