"""Messaging: telling recipients by text what happened to their parcel.

Owns the texts, their fit into one part of a message, the claim by which no text is ever sent twice,
and what stands before it: the plan of which texts there are, quiet hours, ceilings, the budget, and
who wants none. Emits ``notification.opted_out``, ``.opted_in`` and ``.lost``; hears the
``delivery.*`` of ``plan.EVENTS``. The relay calls ``service.message_for``, the ``send_messages``
function ``service.send_text``, the sign-in of drivers ``signing_in.start``, the recipient's page
``suppression.opt_out``.
"""
