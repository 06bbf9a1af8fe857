"""Where in the net does a call come from? For limits only: what it says can be made up."""

from chalice.app import Request


def whence(request: Request) -> tuple[str, str]:
    """Who asks, and the hop before us: behind CloudFront they differ, and only the hop is sure."""
    hop: str = ((request.context or {}).get("identity") or {}).get("sourceIp") or ""
    way = [one.strip() for one in (request.headers.get("x-forwarded-for") or "").split(",")]
    return (way[-2] if len(way) > 1 else hop)[:64], hop
