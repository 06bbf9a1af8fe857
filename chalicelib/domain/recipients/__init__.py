"""Recipients: what whoever holds a link may ask for, without an account.

Owns no data: what is asked for changes deliveries, by their own use cases, one commit each, and the
same again changes nothing. What is possible now is decided by ``choices``; whatever takes a parcel
away from its door or its recipient asks for a second factor (``factor``). Called by
``entry.api.recipient_actions`` alone.
"""
