"""What we call: one file per outside thing, each a small class over its client.

A gateway is where a test may put a fake. It speaks our words and raises our errors; it never
imports the domain, and the domain knows it only as a Protocol.
"""
