"""Recovery: what becomes of a parcel that nobody took.

Listens to ``route.parcels_returned`` and decides, parcel by parcel, between another attempt and the
way back to the merchant. Owns no data of its own.
"""
