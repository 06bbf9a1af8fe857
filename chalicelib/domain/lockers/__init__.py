"""Lockers: what outside operators keep for our deliveries, and what they tell us.

Owns the reservations at operators (``holds``), brings them in line with where deliveries go
(``settling``), takes in what operators say (``news``), and looks for another point when one is
refused (``elsewhere``). Emits ``locker.refused``. Called by the function update_shops and the
operators' door; points without an operator never come here.
"""
