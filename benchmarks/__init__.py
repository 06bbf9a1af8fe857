"""Measurements: how good the plans are, and how the stack copes with days that really were.

Public instances are read from folders that the caller names and are never copied into this
repository. Nothing here is imported by what is deployed.
"""
