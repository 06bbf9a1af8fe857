"""What can go wrong with a driver's papers? Part of the one tree of ``errors``.

::

    Conflict                           409 conflict
    ├── DocumentMissing                409 document_missing
    └── DocumentExpired                409 document_expired
"""

from chalicelib.kit.errors import Conflict


class DocumentMissing(Conflict):
    """A paper that the vehicle needs is not there, or not verified; ``extra.reason`` says which."""

    code = "document_missing"
    title = "A document is missing"


class DocumentExpired(Conflict):
    """A paper that the vehicle needs has ended; ``extra.document`` says which."""

    code = "document_expired"
    title = "A document has expired"
