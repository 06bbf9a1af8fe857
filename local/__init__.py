"""Lastmile on one machine: the embedded cloud, its front door, the demo and the deployer.

Nothing here imports chalicelib. This package reaches the product the way everyone else does: as a
packaged template that is deployed, over HTTP, and through AWS's interfaces.
"""
