"""Waves: what goes together, when it is sent, and how the plan becomes routes.

In the order of a wave's life: ``forming`` (what is due, in which slot), ``urgency`` and ``sending``
(what must leave, what may wait), ``planning`` (the problem for the optimizer), ``departures`` and
``blocking`` (what leaves, what stays, why), ``adoption`` (routes, one commit each), ``wave_words``
(the decision in a sentence). ``fanout``, ``cuts`` and ``snapshots`` share a large one out.
"""
