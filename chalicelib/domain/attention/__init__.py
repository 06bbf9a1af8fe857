"""Attention: what needs a person at a hub now, and what that person could do about it.

Owns one list over everything that the other rooms leave to people (``gathering`` reads, ``items``
is pure), in one order: by the time until a promise is broken. Each line says why it stands there,
and names calls of the API that see to it. What no state shows later, because it is but an event, is
kept as a flag for two weeks (``flags``), and so is for how long what was seen to is not shown. Also
what the desk may see of dead letters, and what it did with them (``letters``).

Hears ``locker.refused``, ``notification.lost`` and ``webhook_endpoint.disabled``; tells nothing.
Called by the desk's API. Nobody below knows of it.
"""
