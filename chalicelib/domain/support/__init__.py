"""What went wrong, who says so, and until when is it answered? Cases of recipients and merchants.

A case is about one delivery: at most one of its recipient and one of its merchant. It holds who
wrote when, by which time the desk owes an answer and a solution (``clock``, in the hub's own
hours), and the delivery's version, by which the whole timeline is read. What was written is
personal data and stands beside the recipient, in another table, and goes when the recipient is
forgotten.

Tells ``support_case.*``. Called by the API and ``mind_cases``; reads deliveries, merchants,
tracking.
"""
