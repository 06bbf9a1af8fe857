"""Our words: values, clock, ids, errors, events, signing and tokens.

Imports nothing of ours; everything else may import it.
"""
