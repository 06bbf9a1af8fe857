"""A day of deliveries in Neustadt an der Aue, on a real deployment of the packaged stack.

Four brands send orders from three platforms, twelve drivers work them off, recipients open their
links. Everything goes through the public doors: HTTP and AWS endpoints, as strangers use them.
"""
