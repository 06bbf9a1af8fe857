"""A stand-in for the app, with every function and the trigger it is meant to have."""

from __future__ import annotations

import shutil
from pathlib import Path

from infra.package import ROOT

TRIGGERS = {
    "plan_waves": 'schedule("rate(5 minutes)")',
    "match_drivers": 'schedule("rate(1 minute)")',
    "solve_wave": 'on_sqs_message(queue="waves", batch_size=1)',
    "rematch_routes": 'on_sqs_message(queue="rematch", batch_size=5)',
    "redeliver_events": 'on_sqs_message(queue="redeliveries", batch_size=10)',
    "send_messages": 'on_sqs_message(queue="messages", batch_size=10)',
    "relay_events": (
        'on_dynamodb_record(stream_arn="core", batch_size=100, starting_position="TRIM_HORIZON")'
    ),
    "check_proof": 'on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})',
}

FUNCTION = """from chalice import Blueprint

bp = Blueprint(__name__)


@bp.{trigger}
def {name}(event):
    print("stub {name}", event.to_dict())
    return {{"batchItemFailures": []}}
"""

APP = """from chalice import Chalice
from chalicelib.entry.functions import {names}

app = Chalice(app_name="lastmile")
for module in ({names},):
    app.register_blueprint(module.bp)


@app.route("/healthz")
def healthz():
    return {{"status": "ok"}}
"""


def write_stub_app(root: Path) -> Path:
    functions = root / "chalicelib" / "entry" / "functions"
    functions.mkdir(parents=True)
    for folder in (functions, functions.parent, functions.parent.parent):
        (folder / "__init__.py").touch()
    for name, trigger in TRIGGERS.items():
        (functions / f"{name}.py").write_text(FUNCTION.format(name=name, trigger=trigger))
    (root / "app.py").write_text(APP.format(names=", ".join(TRIGGERS)))
    for name in (".chalice/config.json", "requirements.txt"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, root / name)
    shutil.copytree(ROOT / "infra" / "policies", root / "infra" / "policies")
    (root / "layers").mkdir()
    return root
