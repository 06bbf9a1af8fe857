"""Merchants: who sends orders, from where, by which doors; and the hubs that serve them.

Owns merchants with their stores, API keys, webhook secrets and catalogues of articles, and the
network's hubs. Emits no events yet. Intake, dispatch and the API call it.
"""
