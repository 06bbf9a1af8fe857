"""Shops: how we are connected to merchants' shop platforms, and what we tell them.

Owns connections (address and sealed credentials of a shop), what a delivery's news means on each
platform (``news``) and what was told (``telling``), the search for orders whose webhook never came
(``seeking``), what shops ask of their fulfilment service (``requests``), and privacy requests.
Emits no events of its own. Called by the doors for platforms, the merchants' API, and the functions
update_shops, reconcile_orders and receive_partner_events. A platform is added by a gateway
(``platforms``), a row in ``news.MEANINGS``, one in ``connecting.NEEDS`` and one in wiring.
"""
