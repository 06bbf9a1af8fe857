"""Quotes: what a delivery would cost and when it could come, promised for fifteen minutes.

Owns quotes and their end, and the doors that stand for postal codes. Coverage, prices and the room
in today's routes come from the rooms below; accepting a quote creates the delivery, in one commit.
Emits no events of its own: deliveries tells what happened. Ways in: ``service.quote``,
``service.accept_quote``, ``store.load``, and ``rates.rates`` for the platforms' checkout doors.
"""
