"""Deliveries: our promise to bring a parcel from a pickup to a recipient's door.

Owns the delivery with its attempts and history, its state machine (``lifecycle``: one table), its
proofs, and the recipient's data beside it. Emits every ``delivery.*`` event, one per version.
Everyone above may call ``service``; nobody else writes a delivery.
"""
