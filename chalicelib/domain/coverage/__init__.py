"""Coverage: where we deliver, by which promise, until when one may order.

Owns service areas (GeoJSON, indexed by H3 cells), the promises of hubs and areas, and the counts of
places taken. Emits no events. ``service.look_up`` answers for a door, ``capacity`` chooses a window
and takes its place, ``promises`` is pure. Deliveries give places back; intake, quotes and the API
call it.
"""
