"""Tracking: what a recipient may see of a delivery, where drivers are, and proofs that arrive.

Owns the view behind a recipient's link (``view``: pure, every word and every privacy rule), the
last positions of drivers, and the check of uploaded proofs. Emits no events. The pages, the
drivers' API and the ``check_proof`` function call it.
"""
