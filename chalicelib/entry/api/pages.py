"""The public pages: a recipient's link, its photo, a front page, and whether we are up.

No credential but the link's token, which is never logged. Reading changes nothing, because the
preview robots of messengers read every link. Links inside of a page are relative: a stage's path
stands in front of them on API Gateway's own address.
"""

from chalice.app import Blueprint, Request, Response

from chalicelib import web, wiring
from chalicelib.domain.tracking import service as tracking
from chalicelib.entry import work
from chalicelib.entry.observed import answered
from chalicelib.entry.rest import answer
from chalicelib.gateways.photos import proof_key
from chalicelib.kit.errors import LinkExpired, NotFound

bp = Blueprint(__name__)

_READING = ["GET", "HEAD"]


@bp.route("/t/{token}", methods=_READING)
@answered(bp)
def track(request: Request, token: str) -> Response:
    """What a recipient sees."""
    server_key = wiring.vault().server_key()
    try:
        view = work.read(lambda uow: tracking.open_link(uow, token, server_key))
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    photo_url = wiring.photos().view_url("proofs/") if view.has_photo else None
    html = web.render("track.html", view=view, token=token)
    return _page(request, html, photo_url=photo_url)


@bp.route("/t/{token}/photo", methods=_READING)
@answered(bp)
def photo(request: Request, token: str) -> Response:
    """The proof of a delivery: on to the bucket, for sixty seconds."""
    try:
        ref, proof_id = work.read(lambda uow: tracking.open_photo(uow, token))
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    url = wiring.photos().view_url(proof_key(ref.merchant_id, ref.delivery_id, proof_id))
    headers = {
        "Location": url,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Type": "text/plain",
    }
    return Response(body="", status_code=302, headers=headers)


@bp.route("/", methods=_READING)
@answered(bp)
def front(request: Request) -> Response:
    """For whoever shortens a link to its host."""
    html = web.render(
        "message.html",
        eyebrow="Last-mile delivery",
        headline="Looking for a parcel?",
        lead="Open the link in the text message that we sent you: it shows when your parcel comes.",
        foot="No text message? The shop that you ordered from can send you the link.",
    )
    return _page(request, html)


@bp.route("/healthz")
@answered(bp)
def healthz(request: Request) -> Response:
    """Whether the function runs; asks nothing of anybody."""
    return answer({"status": "ok"})


def _page(
    request: Request, html: str, *, status: int = 200, photo_url: str | None = None
) -> Response:
    return page_answer(request, html, headers=web.headers(html, photo_url=photo_url), status=status)


def page_answer(
    request: Request, html: str, *, headers: dict[str, str], status: int = 200
) -> Response:
    """A page, or the word that the browser has it already."""
    if status == 200 and request.headers.get("if-none-match") == headers["ETag"]:
        return Response(body="", status_code=304, headers=headers)
    body = "" if request.method == "HEAD" else html
    return Response(body=body, status_code=status, headers=headers)


def unknown_link(request: Request) -> Response:
    html = web.render(
        "message.html",
        eyebrow="Not found",
        headline="We do not know this link",
        lead="Perhaps a letter got lost on the way. "
        "Open the link in our text message again, or copy the whole of it.",
        foot="Still not there? The shop that you ordered from can help.",
    )
    return _page(request, html, status=404)


def expired_link(request: Request) -> Response:
    html = web.render(
        "message.html",
        eyebrow="No longer here",
        headline="This link has expired",
        lead="For your privacy a tracking page closes 14 days after the delivery.",
        foot="A question about your order? The shop that you ordered from can help.",
    )
    return _page(request, html, status=410)
