"""What would have come of it? Days replayed with other choices, and a study of made-up ones.

The one part of ``local`` that runs the product's own code: ``chalicelib.domain.simulation`` and
what shows its results. Everything else here reaches the product as any client does.
"""
