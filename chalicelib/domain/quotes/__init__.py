"""Quotes: what a delivery would cost and when it could come, promised for fifteen minutes.

Owns quotes and their end. Coverage, prices and room in today's routes come from the rooms below;
accepting one creates the delivery. The API and the platforms' checkout doors call it.
"""
