"""What calls us: HTTP routes and Lambda functions. The only place that knows Chalice and events.

Every entry is a few lines: who is calling, what do they want, one use case, one commit, one answer.
"""
