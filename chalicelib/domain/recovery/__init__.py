"""Recovery: what becomes of a parcel that nobody took.

Owns the decision after each failed attempt (``D#.../RV#...``) and what a hub has learned of visits
after one (``SV#...``). Listens to ``delivery.attempt_failed`` (decides, and begins what can be done
on the same tour), ``route.parcels_returned`` (carries the rest out at the hub) and to whatever a
delivery does afterwards (what came of it). Tells ``recovery.decided``, ``recovery.changed``,
``recovery.parcel_back``, ``recovery.carried_out``, ``recovery.ended``, ``recovery.taken_back``.

Whoever asks on behalf of a recipient, a merchant or the desk calls ``wishes.options`` and
``wishes.wish``; the driver's undo goes through ``on_tour.undo``; the sweep through
``carrying_out.due`` and ``carrying_out.carry_out``. How it chooses: docs/recovery.md.
"""
