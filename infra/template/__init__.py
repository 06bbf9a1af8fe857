"""What does the stack hold beside the functions that Chalice writes from their decorators?

`merge_template` is handed to `chalice package --merge-template`. Chalice merges dicts and replaces
lists, and an intrinsic (`{"Ref": ...}`) is a dict too: where Chalice already wrote an intrinsic
we override with the same one (`Fn::Sub` over `Fn::Sub`), or both keys would end up side by side.
Nothing here costs anything while nothing happens: on-demand tables, AWS-owned keys, no
Secrets Manager, no network of our own, and no more alarms than the free tier holds.
"""

from __future__ import annotations

from typing import Any

from infra.template.functions import function_resources, globals_section
from infra.template.inbound_texts import INBOUND_TEXTS
from infra.template.parameters import CONDITIONS, PARAMETERS, outputs
from infra.template.partner_events import PARTNER_EVENTS
from infra.template.payloads import PAYLOADS
from infra.template.proofs import PROOFS
from infra.template.queues import queue_resources
from infra.template.sign_in import SIGN_IN
from infra.template.tables import table_resources
from infra.template.watch import watch_resources


def merge_template(architecture: str, runtime: str) -> dict[str, Any]:
    """Everything merged over Chalice's template, for one Lambda architecture and runtime."""
    return {
        "Description": "Lastmile: last-mile delivery as a service in your own account.",
        "Parameters": PARAMETERS,
        "Conditions": CONDITIONS,
        "Globals": globals_section(),
        "Resources": {
            **table_resources(),
            **queue_resources(),
            **PROOFS,
            **PAYLOADS,
            **PARTNER_EVENTS,
            **SIGN_IN,
            **INBOUND_TEXTS,
            **function_resources(architecture, runtime),
            **watch_resources(),
        },
        "Outputs": outputs(),
    }
