"""Lastmile's functions, as Chalice sees them: every Blueprint, and nothing else."""

from chalice.app import Chalice

from chalicelib.entry.api import (
    bigcommerce_rates,
    catalogue,
    checkout_rates,
    connections,
    deliveries,
    driver,
    imports,
    operator,
    pages,
    platform_webhooks,
    quotes,
    stops,
)
from chalicelib.entry.functions import (
    check_proof,
    match_drivers,
    merge_wave,
    plan_waves,
    post_webhooks,
    receive_partner_events,
    reconcile_orders,
    redeliver_events,
    relay_events,
    rematch_routes,
    send_messages,
    solve_wave,
    update_shops,
    wake_callbacks,
)

app = Chalice(app_name="lastmile")

for module in (
    pages,
    platform_webhooks,
    bigcommerce_rates,
    checkout_rates,
    connections,
    quotes,
    deliveries,
    imports,
    catalogue,
    operator,
    driver,
    stops,
    plan_waves,
    solve_wave,
    merge_wave,
    match_drivers,
    rematch_routes,
    relay_events,
    redeliver_events,
    send_messages,
    post_webhooks,
    wake_callbacks,
    check_proof,
    update_shops,
    reconcile_orders,
    receive_partner_events,
):
    app.register_blueprint(module.bp)
