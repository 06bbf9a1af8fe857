"""Rules: what may not be, whoever plans, moves or asks.

``desk_rules`` are the desk's own (pins, exclusions, groups), kept by ``rule_store``;
``eligibility`` is who could drive a route at all; ``crew`` is what planning owes to people.
"""
