"""Intake: shops' orders in, one delivery or one visible rejection out.

Owns the inbox of source events, the lock of each shop's order, rejections, what the platforms'
payloads mean, the review of doubtful addresses and the places where parcels were handed over.
Emits no events of its own: deliveries tells what happened. Called by the webhook doors, the
merchants' API and the recipient's page; ``service`` is the way in for orders, ``answers`` for
addresses; ``shopify``, ``woocommerce`` and ``generic`` read the platforms. Listens to
``delivery.delivered`` and ``delivery.undone``.
"""
