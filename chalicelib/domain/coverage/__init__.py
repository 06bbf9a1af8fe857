"""Coverage: where we deliver, by which promise, until when one may order.

Owns service areas (GeoJSON, indexed by H3 cells) and promise classes. Quotes, intake and the API
call it.
"""
