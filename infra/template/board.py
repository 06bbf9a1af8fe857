"""What does the dashboard show of the day itself? Deliveries, waves, texts, and what they cost.

Beside the functions and queues of ``watch``. Metrics of ours come by log lines (EMF) from
``roll_figures``, three for each hub; the rest AWS counts for nothing.
"""

from __future__ import annotations

from infra.template.intrinsics import Json
from infra.template.tables import TABLES

#: Below the widgets of ``watch``.
TOP = 18


def _of_hubs(metric: str, statistic: str) -> list[Json]:
    """A line for each hub, however many there will be."""
    wanted = f'{{Lastmile,stage,service,hub}} MetricName="{metric}" stage="${{Stage}}"'
    return [{"expression": f"SEARCH('{wanted}', '{statistic}', 300)", "id": "hubs"}]


def _widget(title: str, metrics: list[object], column: int, row: int, statistic: str) -> Json:
    return {
        "type": "metric",
        "x": 8 * column,
        "y": TOP + 6 * row,
        "width": 8,
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


def widgets() -> list[Json]:
    def solver(metric: str) -> list[str]:
        return ["AWS/Lambda", metric, "FunctionName", "${SolveWave}"]

    def capacity(metric: str) -> list[object]:
        return [
            ["AWS/DynamoDB", metric, "TableName", "${" + table.resource + "}"] for table in TABLES
        ]

    own = ["stage", "${Stage}", "service", "lastmile"]
    return [
        _widget(
            "Deliveries ended today", [_of_hubs("DeliveriesEnded", "Maximum")], 0, 0, "Maximum"
        ),
        _widget("On time today, %", [_of_hubs("OnTimePercent", "Average")], 1, 0, "Average"),
        _widget("Order to door today, min", [_of_hubs("DoorMinutes", "Average")], 2, 0, "Average"),
        _widget("Waves solved", [solver("Invocations")], 0, 1, "Sum"),
        _widget("Solver, ms", [solver("Duration")], 1, 1, "p95"),
        _widget(
            "Routes nobody takes, texts barred",
            [
                ["Lastmile", "RoutesEscalated", *own],
                ["Lastmile", "TextsBarred", *own],
                ["Lastmile", "TextBudgetSpent", *own],
            ],
            2,
            1,
            "Sum",
        ),
        _widget("Texts this month, USD", [["AWS/SNS", "SMSMonthToDateSpentUSD"]], 0, 2, "Maximum"),
        _widget("Write units", capacity("ConsumedWriteCapacityUnits"), 1, 2, "Sum"),
        _widget("Read units", capacity("ConsumedReadCapacityUnits"), 2, 2, "Sum"),
    ]
