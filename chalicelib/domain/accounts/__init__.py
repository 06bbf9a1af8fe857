"""Accounts: who may sign in at the desk and in merchants' teams, and as what.

Owns people with their roles, invites, passwords (or the seam to whoever keeps them) and sessions.
Core holds ids, roles and hashes; names and e-mail addresses stand in the table of people. Emits no
events. The edge calls it for every request that a person makes.
"""
