"""Callbacks: the webhooks that we send, and who asked for them.

Owns merchants' webhook endpoints, their secrets and filters, the messages to them and the log of
tries. Hears ``delivery.*``, most of ``route.*`` and its own ``webhook_endpoint.disabled``, the one
event that it emits. The relay calls ``sending.is_wanted``, the ``post_webhooks`` function
``sending.record``, ``sending.drain`` and ``replays.replay_page``, ``wake_callbacks``
``sending.wake``, the API ``endpoints`` and ``replays``.
"""
