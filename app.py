"""Lastmile's functions, as Chalice sees them: every Blueprint, and nothing else."""

from chalice.app import Chalice

from chalicelib.entry.api import (
    checkout_rates,
    connections,
    deliveries,
    driver,
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
    receive_partner_events,
    reconcile_orders,
    redeliver_events,
    relay_events,
    rematch_routes,
    send_messages,
    solve_wave,
    update_shops,
)

app = Chalice(app_name="lastmile")

for module in (
    pages,
    platform_webhooks,
    checkout_rates,
    connections,
    quotes,
    deliveries,
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
    check_proof,
    update_shops,
    reconcile_orders,
    receive_partner_events,
):
    app.register_blueprint(module.bp)
