"""Lastmile: last-mile delivery as a service, in your own AWS account.

The floors, from the street to the cellar (each may import only what is below it):
``entry`` what calls us, ``wiring`` what is real, ``domain`` what we do and ``gateways`` what we
call (neither knows the other), ``storage`` what we remember, ``kit`` our words.
"""
