"""How does an operator learn that something is stuck, and see what goes on?

Every failure that retries cannot mend ends in a dead-letter queue or as an error of one of the
three functions that nothing retries from a queue, so the ten essential alarms cover all; the
others (Alarms=all) only tell earlier and name the place. All speak to AlarmTopic.
Source: CloudWatch pricing (ten alarm metrics and three dashboards are free).
"""

from __future__ import annotations

import json

from infra.template import board
from infra.template.functions import FUNCTIONS
from infra.template.intrinsics import Json, get_att, ref, sub
from infra.template.queues import QUEUES, dead_letter_queues

# A quarter of an hour without the relay catching up delays every text and every board.
ITERATOR_AGE_MS = 60_000

# Nothing hands their failures to a dead-letter queue, or it is not among the essential alarms.
ESSENTIAL_ERRORS = ("api_handler", "plan_waves", "match_drivers")
ESSENTIAL_DEAD_LETTERS = tuple(name for name in dead_letter_queues() if name != "ProofsDlq")


# Chapters of docs/operations.md, and the beginnings of the alarms that each explains; the first
# that fits counts. Whoever is woken reads the chapter's address in the alarm.
RUNBOOK = (
    ("the-web-function-fails", ("APIHandler",)),
    ("nothing-gets-planned", ("PlanWaves", "Waves", "SolveWave", "Merge")),
    (
        "drivers-are-not-asked",
        ("MatchDrivers", "Rematch", "Routes", "DrawSheets", "Sheets", "MindCrew"),
    ),
    ("news-is-late", ("Relay", "Redeliver")),
    ("texts", ("Messages", "SendMessages", "Text", "Sms", "WakeTexts", "ReceiveTexts")),
    ("shops-hear-nothing", ("Shops", "UpdateShops", "ReconcileOrders", "ReceivePartnerEvents")),
    ("webhooks-are-late", ("Callbacks", "PostWebhooks", "WakeCallbacks")),
    ("proofs-and-papers", ("CheckProof", "Proofs", "Papers", "MakePapers")),
    ("the-books", ("Books", "KeepBooks", "CloseBooks")),
    ("everything-else", ("",)),
)


def chapter_of(alarm: str) -> str:
    """Where in the runbook an alarm is explained."""
    return next(
        chapter
        for chapter, beginnings in RUNBOOK
        if any(alarm.startswith(beginning) for beginning in beginnings)
    )


# In five minutes: more than a few recipients of many parcels, fewer than an attack.
BARRED_AT_MOST = 20


def _alarm(
    namespace: str,
    metric: str,
    dimensions: Json,
    statistic: str,
    threshold: int | Json,
    *,
    periods: int = 1,
    period_s: int = 300,
    essential: bool,
) -> Json:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Condition": "WithAlarms" if essential else "WithAllAlarms",
        "Properties": {
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
            "Statistic": statistic,
            "Period": period_s,
            "EvaluationPeriods": periods,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [ref("AlarmTopic")],
        },
    }


def _error_alarms() -> Json:
    return {
        f"{resource}ErrorsAlarm": _alarm(
            "AWS/Lambda",
            "Errors",
            {"FunctionName": ref(resource)},
            "Sum",
            0,
            essential=name in ESSENTIAL_ERRORS,
        )
        for name, resource in FUNCTIONS.items()
    }


def _queue_alarms() -> Json:
    found = {
        f"{name}Alarm": _alarm(
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": get_att(name, "QueueName")},
            "Maximum",
            0,
            essential=name in ESSENTIAL_DEAD_LETTERS,
        )
        for name in dead_letter_queues()
    }
    for queue in QUEUES:
        found[f"{queue.resource}AgeAlarm"] = _alarm(
            "AWS/SQS",
            "ApproximateAgeOfOldestMessage",
            {"QueueName": get_att(queue.resource, "QueueName")},
            "Maximum",
            queue.late_after_s,
            essential=False,
        )
    return found


def _other_alarms() -> Json:
    return {
        "RelayIteratorAgeAlarm": _alarm(
            "AWS/Lambda",
            "IteratorAge",
            {"FunctionName": ref("RelayEvents")},
            "Maximum",
            ITERATOR_AGE_MS,
            periods=3,
            essential=True,
        ),
        "RoutesEscalatedAlarm": _alarm(
            "Lastmile",
            "RoutesEscalated",
            {"stage": ref("Stage"), "service": "lastmile"},
            "Sum",
            0,
            essential=False,
        ),
        "TextBudgetAlarm": _alarm(
            "Lastmile",
            "TextBudgetSpent",
            {"stage": ref("Stage"), "service": "lastmile"},
            "Sum",
            0,
            essential=False,
        ),
        "TextsBarredAlarm": _alarm(
            "Lastmile",
            "TextsBarred",
            {"stage": ref("Stage"), "service": "lastmile"},
            "Sum",
            BARRED_AT_MOST,
            essential=False,
        ),
        "SmsSpendAlarm": _alarm(
            "AWS/SNS",
            "SMSMonthToDateSpentUSD",
            {},
            "Maximum",
            ref("SpendLimit"),
            period_s=3600,
            essential=True,
        ),
    }


def _graph(title: str, metrics: list[list[str]], x: int, y: int, statistic: str) -> Json:
    return {
        "type": "metric",
        "x": x,
        "y": y,
        "width": 12,
        "height": 6,
        "properties": {
            "title": title,
            "region": "${AWS::Region}",
            "view": "timeSeries",
            "stat": statistic,
            "period": 300,
            "metrics": metrics,
        },
    }


def _dashboard() -> Json:
    functions = ["${" + resource + "}" for resource in FUNCTIONS.values()]
    waiting = ["${" + queue.resource + ".QueueName}" for queue in QUEUES]
    dead = ["${" + name + ".QueueName}" for name in dead_letter_queues()]
    age, visible = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"
    widgets = [
        _graph("Calls", [_of_function("Invocations", f) for f in functions], 0, 0, "Sum"),
        _graph("Errors", [_of_function("Errors", f) for f in functions], 12, 0, "Sum"),
        _graph("Duration, ms", [_of_function("Duration", f) for f in functions], 0, 6, "p95"),
        _graph("Oldest message, s", [_of_queue(age, q) for q in waiting], 12, 6, "Maximum"),
        _graph("Dead letters", [_of_queue(visible, q) for q in dead], 0, 12, "Maximum"),
        _graph(
            "Relay behind, ms", [_of_function("IteratorAge", "${RelayEvents}")], 12, 12, "Maximum"
        ),
    ]
    return sub(json.dumps({"widgets": [*widgets, *board.widgets()]}))


def _of_function(metric: str, name: str) -> list[str]:
    return ["AWS/Lambda", metric, "FunctionName", name]


def _of_queue(metric: str, name: str) -> list[str]:
    return ["AWS/SQS", metric, "QueueName", name]


def _alarms() -> Json:
    found = {**_error_alarms(), **_queue_alarms(), **_other_alarms()}
    for name, alarm in found.items():
        what = f"docs/operations.md#{chapter_of(name)}"
        alarm["Properties"]["AlarmDescription"] = f"{name}: what it means and what to do: {what}"
    return found


def watch_resources() -> Json:
    return {
        "AlarmTopic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {"DisplayName": sub("Lastmile ${Stage}")},
        },
        "AlarmMail": {
            "Type": "AWS::SNS::Subscription",
            "Condition": "WithAlarmEmail",
            "Properties": {
                "TopicArn": ref("AlarmTopic"),
                "Protocol": "email",
                "Endpoint": ref("AlarmEmail"),
            },
        },
        **_alarms(),
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": sub("${AWS::StackName}"),
                "DashboardBody": _dashboard(),
            },
        },
    }
