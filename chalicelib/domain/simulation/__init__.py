"""What if? Days that never were, and days that were, with other choices, on the product's rules.

Owns recorded days (``recording``, ``recorded``: one file, no people in it), the same days again
with other choices (``choices``, ``experience``, ``stage``, ``play``, ``day``) and made-up ones
(``made_up``). It tells no events and hears none; ``local.simulate`` and the function of simulations
call it. No clock and no chance but the seed that is given.
"""
