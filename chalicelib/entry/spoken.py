"""In which language does a request want its page? ``?lang=``, then what its browser says."""

from chalice.app import Request

from chalicelib.kit.languages import Asked


def asked(request: Request) -> Asked:
    """What the request says; who renders the page knows what its merchant prefers."""
    wanted = (request.query_params or {}).get("lang")
    return Asked(wanted, request.headers.get("accept-language"))
