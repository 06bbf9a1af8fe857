"""Matching: whom to ask, and who says yes.

``candidates`` are at hand; ``match_terms`` (``dense_costs`` for thousands) price each pair;
``assignment`` and ``widening`` choose; ``matching`` does it for a hub. ``offers`` are what was
asked and answered, ``escalation`` is how many are asked at once, ``releases`` what follows when
nobody comes, ``relief`` who is near enough to take over.
"""
