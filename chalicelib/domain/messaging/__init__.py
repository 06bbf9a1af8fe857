"""Messaging: telling recipients by text what happened to their parcel.

Owns the texts, their fit into one part of a message, and the claim by which no text is ever sent
twice. Emits no events; hears ``delivery.picked_up``, ``delivery.delivered`` and
``delivery.attempt_failed``. The relay calls ``service.message_for``, the ``send_messages`` function
``service.send_text``, the sign-in of drivers ``templates.sign_in_code``.
"""
