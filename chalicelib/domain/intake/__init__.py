"""Intake: shops' orders in, one delivery or one visible rejection out.

Owns the inbox of source events, the lock of each shop's order, rejections, and what the platforms'
payloads mean. Emits no events of its own: deliveries tells what happened. Called by the webhook
doors and the merchants' API; ``service`` is the way in, ``shopify``, ``woocommerce`` and
``generic`` read the platforms.
"""
