"""Neustadt an der Aue: a generated town to deliver in. The same seed gives the same town.

Streets with names and house numbers, districts with postal codes, a river with a few bridges, three
hubs and their stores. Its street graph is what the demo's drivers drive on, its list of houses is
what the embedded cloud's geocoder knows, and its picture shows the day.
"""
