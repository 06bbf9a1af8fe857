"""Dead letters for the desk, apart from the web function: API Gateway sends their paths here.

The routes are those of ``entry.api.dead_letters``. Whoever may take messages out of every
dead-letter queue and put them into every other does nothing else, and answers only the desk.
"""

from functools import cache
from typing import Any

from chalice.app import Blueprint, Chalice

from chalicelib.entry.api import dead_letters

bp = Blueprint(__name__)


@bp.lambda_function()
def tend_dead_letters(event: Any, context: Any) -> Any:
    return _app()(event, context)


def _make_app() -> Chalice:
    app = Chalice(app_name="lastmile")
    app.register_blueprint(dead_letters.bp)
    return app


#: At the first call: a Blueprint belongs to one app, and where ``app`` was imported it has one.
_app = cache(_make_app)
