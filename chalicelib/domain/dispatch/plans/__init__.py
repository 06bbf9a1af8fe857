"""Plans: what a person at the desk looks at, changes, takes back, and asks about.

By hand: ``wishes`` say what is wanted, ``arranging`` moves the stops, ``assessing`` works out one
route, ``effects`` weigh the whole, ``changes`` commit it, ``journal`` keeps before and after,
``undoing`` takes it back. On request: ``replanning`` solves anew, ``proposals`` hold the result
against what runs, ``proposal_store`` keeps it, ``proposal_commit`` makes it real. ``explaining``
says why.
"""
