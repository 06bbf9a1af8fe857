"""What does a dispatcher see of a hub's day, and what of it is new?

The whole day in one reading, then only what changed: by the marks that whoever changes something
leaves behind (``dispatch.today.marks``). It owns nothing and writes nothing; people's names are
those of drivers. Called by the console's API; reads deliveries, dispatch, drivers, merchants,
tracking.
"""
