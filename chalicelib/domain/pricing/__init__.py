"""Pricing: what a delivery costs, and why.

Owns rate cards (``store``), the pure rules that make components of them (``rules``, ``stages``,
``charges``, ``surge``), the fault table (``faults``), the prices that were agreed (``agreed``) and
each hub's surge (``rounds``). Emits no events. Deliveries, intake, quotes, the API and, later,
billing call it.
"""
