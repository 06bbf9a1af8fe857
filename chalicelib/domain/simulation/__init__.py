"""What if? Days that never were, and days that were, with other choices, on the product's rules.

Owns made-up cities and the study of them: ``study`` (which arms there are), ``inputs`` (what is
assumed, with its source), ``city`` and ``tours`` (the world, and our optimizer in it),
``baselines`` (what planners do without it), and one module for each question. It tells no events
and keeps nothing; only ``local.simulate`` and the function of simulations call it. No clock; chance
enters as ``Dice``.
"""
