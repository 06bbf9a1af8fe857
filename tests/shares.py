"""Which tests are one share, that one of the suite's workers runs whole and in order?

A file is: what it builds once for all of its tests is then built once. The files that stand on the
embedded cloud are one share together, since that takes longest to start.

xdist's own groups (``--dist loadgroup``) say the same with marks, but write them where pytest 9.2
does not look any more; then every test goes wherever a worker is free.
"""

from xdist.scheduler.loadfile import LoadFileScheduling

_STANDS_TOGETHER = ("tests/stack", "tests/storage")


class Shares(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        path = super()._split_scope(nodeid)
        return next((name for name in _STANDS_TOGETHER if path.startswith(f"{name}/")), path)
