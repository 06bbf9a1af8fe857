"""The other Lambda functions: one file each, named after what it does.

Lambda imports the one module, never ``app``: Chalice's middleware and ``bp.log`` do not exist here.
"""
