"""Pings of drivers' phones, apart from the web function: API Gateway sends their paths here.

The routes are those of ``entry.api.positions``, in an app that knows no others: a third less to
load, a sixth of the memory's price, and its own share of the API's throttle.
"""

from functools import cache
from typing import Any

from chalice.app import Blueprint, Chalice

from chalicelib.entry.api import positions

bp = Blueprint(__name__)


@bp.lambda_function()
def take_positions(event: Any, context: Any) -> Any:
    return _app()(event, context)


def _make_app() -> Chalice:
    app = Chalice(app_name="lastmile")
    app.register_blueprint(positions.bp)
    return app


#: At the first call: a Blueprint belongs to one app, and where ``app`` was imported it has one.
_app = cache(_make_app)
