"""Lastmile's functions, as Chalice sees them: every Blueprint, and nothing else."""

from chalice.app import Chalice

from chalicelib.entry.api import (
    api_keys,
    charges,
    coverage,
    deliveries,
    delivery_batches,
    driver,
    hubs,
    operator,
    pages,
    pickup_points,
    platform_webhooks,
    quotes,
    rate_cards,
    rehearsals,
    service_areas,
    settings,
    stops,
)
from chalicelib.entry.functions import (
    check_proof,
    draw_sheets,
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
    pages,
    platform_webhooks,
    quotes,
    deliveries,
    charges,
    rate_cards,
    operator,
    service_areas,
    coverage,
    pickup_points,
    delivery_batches,
    rehearsals,
    api_keys,
    hubs,
    settings,
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
    draw_sheets,
):
    app.register_blueprint(module.bp)
