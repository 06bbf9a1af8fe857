"""Lastmile's functions, as Chalice sees them: every Blueprint, and nothing else."""

from chalice.app import Chalice

from chalicelib.entry.api import (
    api_keys,
    charges,
    deliveries,
    delivery_batches,
    documents,
    driver,
    hubs,
    operator,
    pages,
    platform_webhooks,
    rate_cards,
    rehearsals,
    settings,
    stops,
)
from chalicelib.entry.functions import (
    check_proof,
    match_drivers,
    merge_wave,
    plan_waves,
    redeliver_events,
    relay_events,
    rematch_routes,
    send_messages,
    solve_wave,
)

app = Chalice(app_name="lastmile")

for module in (
    deliveries,
    delivery_batches,
    rehearsals,
    api_keys,
    platform_webhooks,
    charges,
    rate_cards,
    operator,
    hubs,
    settings,
    driver,
    stops,
    pages,
    documents,
    plan_waves,
    solve_wave,
    merge_wave,
    match_drivers,
    rematch_routes,
    relay_events,
    redeliver_events,
    send_messages,
    check_proof,
):
    app.register_blueprint(module.bp)
