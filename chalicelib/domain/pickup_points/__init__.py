"""Pickup points: lockers and counters that a parcel can be brought to instead of a door.

Owns them with their hours and what fits in. Quotes and the API call it.
"""
