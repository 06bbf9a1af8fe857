"""What if? Days that never were, and days that were, with other choices, on the product's rules.

Owns recorded days (``recording``, ``recorded``: one file, no people in it), the same days as they
were (``standing``) and again with other choices (``choices``, ``experience``, ``stage``, ``play``,
``day``), made-up ones (``made_up``), their comparison and the simulations that somebody asked for
(``comparing``, ``model``, ``store``, ``service``: ``SIM#...``).

And made-up cities with the study of them: ``study`` (which arms there are), ``inputs`` (what is
assumed, with its source), ``city`` and ``tours`` (the world, and our optimizer in it),
``baselines`` (what planners do without it), and one module for each question.

It tells no events and hears none; ``local.simulate``, the routes of simulations and their function
call it. No clock; chance enters as a seed, or as ``Dice``.
"""
