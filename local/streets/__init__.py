"""How does a town's street graph come about? From an OpenStreetMap extract, or the demo town.

``python -m local.streets --help``. The product reads what this writes (domain.routing.streets).
"""
