"""Callbacks: the webhooks that we send, and who asked for them.

Owns merchants' webhook endpoints, their secrets and filters, and the log of attempts. Hears every
event; emits none of its own but an endpoint's end. The API and post_webhooks call it.
"""
