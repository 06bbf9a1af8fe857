"""Which functions does a clock, a queue or a stream call? Every Blueprint of entry.functions."""

from chalicelib.entry.functions import (
    check_proof,
    draw_sheets,
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
    sweep_points,
    update_shops,
    wake_callbacks,
)

TRIGGERS = (
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
    draw_sheets,
    update_shops,
    reconcile_orders,
    receive_partner_events,
    sweep_points,
)
