"""Shops: how we are connected to merchants' shop platforms, and what we tell them.

Owns connections (address and sealed credentials of a shop), what a delivery's news means on each
platform, and the search for orders whose webhook never came. The API, update_shops and
reconcile_orders call it.
"""
