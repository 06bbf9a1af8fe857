"""How do we spell CloudFormation's functions?"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def ref(name: str) -> Json:
    return {"Ref": name}


def get_att(name: str, attribute: str = "Arn") -> Json:
    return {"Fn::GetAtt": [name, attribute]}


def sub(text: str) -> Json:
    return {"Fn::Sub": text}


def camel(name: str) -> str:
    """`solve_wave` -> `SolveWave`, as Chalice names a function's resources."""
    return "".join(part.capitalize() for part in name.split("_"))
