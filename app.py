"""Lastmile's functions, as Chalice sees them: every Blueprint, and nothing else."""

from chalice.app import Chalice

from chalicelib.entry.api import (
    api_keys,
    charges,
    coverage,
    deliveries,
    delivery_batches,
    documents,
    driver,
    hubs,
    operator,
    pages,
    pickup_points,
    platform_webhooks,
    rate_cards,
    rehearsals,
    service_areas,
    settings,
    stops,
    webhook_endpoints,
)
from chalicelib.entry.functions import (
    check_proof,
    match_drivers,
    merge_wave,
    plan_waves,
    post_webhooks,
    redeliver_events,
    relay_events,
    rematch_routes,
    send_messages,
    solve_wave,
    wake_callbacks,
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
    service_areas,
    coverage,
    pickup_points,
    driver,
    stops,
    pages,
    documents,
    webhook_endpoints,
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
):
    app.register_blueprint(module.bp)
