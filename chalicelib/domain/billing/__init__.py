"""Billing: who owes whom how much, and since when.

Owns the journal (``journal``, append-only: entries of balanced legs, one after the other for each
delivery and each route) and the accounts' lines, which are written with the entries. What a
delivery or a route should have brought is worked out anew from what happened (``targets``) and
compared with what was posted; only the difference is posted. So hearing of the same event twice,
late or out of order posts nothing twice, an undone tap takes its money back, and a changed rule
cannot touch what is in the books. Emits no events.
"""
