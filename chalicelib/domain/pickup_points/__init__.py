"""Pickup points: lockers and counters that a parcel can be brought to instead of a door.

Owns them with their hours and what fits in, and finds the nearest. Emits no events. What is free in
them at a moment is no business of this room. Quotes and the API call it.
"""
