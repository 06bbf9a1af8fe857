"""Analytics: how well, how fast, at what cost, and with how much CO2e it went.

Owns facts (what one ended delivery, one ended route, one driver's day came to: ``model``), their
sums (``totals``, which add up over days and hubs), the figures that are made of sums (``figures``,
pure; ``definitions`` says what each is, and docs/figures.md the same), the operator's factors and
prices (``rules``, ``emissions``) and the cost of the cloud (``cloud``). Facts are worked out from
what is kept (``gathering``) and put in place by name, never counted up; rollups are made anew from
facts (``rolling``). Hears of the ends of deliveries and routes; tells nothing. ``GET /v1/metrics``,
``roll_figures`` and the simulation call it. Nothing in it names a person.
"""
