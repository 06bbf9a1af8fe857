"""How is every entry watched? Structured logs, and errors turned into answers.

Routes get :func:`answered`, queue functions :func:`per_record` or :func:`per_receipt`, the others
:func:`observed`. Only allow-listed fields are logged: ids, codes, counts and durations, never a
body, a name or a phone.
"""

import functools
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.entry import metering
from chalicelib.entry.problems import problem
from chalicelib.kit.errors import LastmileError, code_of

logger = Logger(service="lastmile", utc=True)


def answered(bp: Blueprint) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Log a route's outcome and turn its errors into ``application/problem+json``.

    Stands directly under ``@bp.route``; the view gets the request as its first argument, then the
    path's parts by name.
    """

    def decorate(view: Callable[..., Response]) -> Callable[..., Response]:
        @functools.wraps(view)
        def wrapper(**parts: str) -> Response:
            return _answer(view, bp.current_request, parts)

        return wrapper

    return decorate


def _answer(view: Callable[..., Response], request: Request, parts: dict[str, str]) -> Response:
    request_id = str(request.context.get("requestId", "local"))
    started = time.perf_counter()
    try:
        response = view(request, **parts)
    except LastmileError as error:
        response = problem(error, request_id)
        if error.status >= 500:
            logger.exception("request failed", code=error.code, request_id=request_id)
    except Exception:
        # The one place that catches everything: a stranger gets a clean answer, we get a trace.
        logger.exception("request crashed", request_id=request_id)
        response = problem(LastmileError(), request_id)
    logger.info(
        "request",
        request_id=request_id,
        method=request.method,
        # The resource, never the path: paths carry tracking tokens.
        resource=str(request.context.get("resourcePath", "")),
        status=response.status_code,
        duration_ms=round((time.perf_counter() - started) * 1000),
    )
    _metered(started, gateway_calls=1)
    return response


def observed(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Log a function's run; errors go on to Lambda, which counts them and tries again."""

    @functools.wraps(function)
    def wrapper(event: Any) -> Any:
        started = time.perf_counter()
        try:
            result = function(event)
        except Exception as error:
            code = code_of(error)
            logger.exception("function failed", function=function.__name__, code=code)
            raise
        logger.info(
            "function",
            function=function.__name__,
            duration_ms=round((time.perf_counter() - started) * 1000),
        )
        _metered(started)
        return result

    return wrapper


def per_record(handle: Callable[[Mapping[str, Any]], None]) -> Callable[[Any], Any]:
    """Handle a batch of SQS messages one by one; only those that failed come back."""

    @functools.wraps(handle)
    def without_count(message: Mapping[str, Any], receives: int) -> None:
        handle(message)

    return per_receipt(without_count)


def per_receipt(handle: Callable[[Mapping[str, Any], int], None]) -> Callable[[Any], Any]:
    """As ``per_record``; tells as well how often the message was received, this time included."""

    @functools.wraps(handle)
    def wrapper(event: Any) -> Any:
        def one(record: SQSRecord) -> None:
            try:
                handle(json.loads(record.body), _receives(record))
            except Exception as error:
                code = code_of(error)
                logger.exception("message failed", function=handle.__name__, code=code)
                raise

        started = time.perf_counter()
        answer = process_partial_response(
            event=event.to_dict() if hasattr(event, "to_dict") else event,
            record_handler=one,
            processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
        )
        _metered(started)
        return answer

    return wrapper


def _metered(started: float, gateway_calls: int = 0) -> None:
    """Note what a call used; that it cannot be written down must not fail the call."""
    try:
        metering.note_call(time.perf_counter() - started, gateway_calls)
    except Exception:
        logger.exception("a meter was not written", worker=wiring.worker())


def _receives(record: SQSRecord) -> int:
    """How often the message was received; 1 where the caller does not say."""
    return int(record.raw_event.get("attributes", {}).get("ApproximateReceiveCount", 1))


def unless_it_fails[T](do: Callable[[], T], otherwise: T, *, what: str) -> T:
    """Do it; whatever goes wrong is logged with its code, and the other answer stands in.

    For callers to whom an error would do more harm than silence: a shop's checkout.
    """
    try:
        return do()
    except Exception as error:
        code = code_of(error)
        logger.exception(f"{what} failed", code=code)
        return otherwise
