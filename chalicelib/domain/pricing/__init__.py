"""Pricing: what a delivery costs, and why.

Owns rate cards and the pure rules that make fee components of them. Quotes, the API and, later,
billing call it.
"""
