"""What do the functions get that Chalice's decorators cannot say?

Chalice writes each function with its handler, memory, timeout, role and log group; here they get
code from S3, the settings they share, the layers, real queues and the table's stream as
triggers, answers per message (ReportBatchItemFailures) and a place for what fails.
The names `<Function>SqsEventSource`, `...Event` and `...DynamodbEventSource` are Chalice's.
"""

from __future__ import annotations

from infra.template import diversions, positions
from infra.template.intrinsics import Json, camel, get_att, ref, sub
from infra.template.queues import DIRECT_DEAD_LETTERS, QUEUES, queue_environment
from infra.template.refusals import gateway_responses
from infra.template.sign_in import sign_in_environment
from infra.template.tables import TABLES

# Only these carry OR-Tools; every other function stays light.
WITH_SOLVER = ("solve_wave", "match_drivers", "rematch_routes", "simulate")
# Only these open pictures of strangers, and make papers.
WITH_PICTURES = ("check_proof", "make_papers")

# Chalice's names in the config -> resources in the template (for REST it is not the same word).
FUNCTIONS = {
    "api_handler": "APIHandler",
    **{
        name: camel(name)
        for name in (
            "plan_waves",
            "solve_wave",
            "merge_wave",
            "match_drivers",
            "rematch_routes",
            "relay_events",
            "redeliver_events",
            "send_messages",
            "wake_texts",
            "receive_texts",
            "post_webhooks",
            "wake_callbacks",
            "check_proof",
            "update_shops",
            "reconcile_orders",
            "receive_partner_events",
            "draw_sheets",
            "sweep_points",
            "mind_crew",
            "mind_cases",
            "make_papers",
            "simulate",
            "take_positions",
            "tend_dead_letters",
            "keep_books",
            "close_books",
            "roll_figures",
            "settle_figures",
        )
    },
}

# How many workers one queue may occupy at once: a brake on cost and on the carriers' rates.
# A shared wave's parts are solved by so many `waves` workers side by side.
# A dead endpoint keeps one `callbacks` worker waiting now and then: twenty may die in one moment.
WORKERS_AT_MOST = {
    "waves": 16,
    "merges": 5,
    "rematch": 10,
    "redeliveries": 5,
    "messages": 5,
    "shops": 5,
    "callbacks": 20,
    "sheets": 5,
    "books": 5,
    "papers": 2,
    # Each is a core for minutes; nobody is in a hurry.
    "simulations": 4,
    "figures": 5,
}

STREAM_RETRIES = 5
STREAM_RECORD_AGE_S = 3600

# More than a city's shops and drivers ask for, and a bound on what a flood of calls can cost.
CALLS_PER_S = 200
CALLS_AT_ONCE = 400

REST_API: Json = {
    "EndpointConfiguration": {"Type": "REGIONAL"},
    # Also spares the API a second stage called "Stage". Source: SAM, AWS::Serverless::Api.
    "OpenApiVersion": "2.0",
    "DefinitionBody": diversions.definition(),
    "GatewayResponses": gateway_responses(),
    "MethodSettings": [
        {
            "ResourcePath": "/*",
            "HttpMethod": "*",
            "ThrottlingRateLimit": CALLS_PER_S,
            "ThrottlingBurstLimit": CALLS_AT_ONCE,
        },
        *positions.method_settings(),
    ],
}


def globals_section() -> Json:
    """The environment of every function."""
    variables: Json = {
        "STAGE": ref("Stage"),
        **{f"TABLE_{table.name.upper()}": ref(table.resource) for table in TABLES},
        "BUCKET_PROOFS": ref("ProofsBucket"),
        "BUCKET_PAYLOADS": ref("PayloadsBucket"),
        **queue_environment(),
        "SERVER_KEY_PARAMETER": sub("/lastmile/${Stage}/server-key"),
        "OPERATOR_KEY_PARAMETER": sub("/lastmile/${Stage}/operator-key"),
        "PUBLIC_BASE_URL": ref("PublicBaseUrl"),
        "SHORT_BASE_URL": ref("ShortBaseUrl"),
        "CALLBACKS_ALLOW_LOOPBACK": ref("CallbacksAllowLoopback"),
        "FAN_OUT_ABOVE": ref("FanOutAbove"),
        "ROADS": ref("Roads"),
        "ROADS_PAIRS_PER_DAY": ref("RoadsPairsPerDay"),
        "CALLS_PER_MINUTE": ref("CallsPerMinute"),
        "CLOCK_RATE": ref("ClockRate"),
        "CLOCK_ANCHOR": ref("ClockAnchor"),
        "CLOCK_START": ref("ClockStart"),
        "SHOPS_ALLOW_LOOPBACK": ref("ShopsAllowLoopback"),
        **sign_in_environment(),
        "SMS_SENDER_ID": ref("SmsSenderId"),
        "EMAIL_SENDER": ref("EmailSender"),
        "LOG_LEVEL": ref("LogLevel"),
        "POWERTOOLS_SERVICE_NAME": "lastmile",
        # boto3 reads it, and stumbles over an empty one.
        "AWS_ENDPOINT_URL_GEO_PLACES": {
            "Fn::If": ["WithOwnPlaces", ref("PlacesEndpointUrl"), ref("AWS::NoValue")]
        },
    }
    return {"Function": {"Environment": {"Variables": variables}}}


def _code() -> Json:
    return {"CodeUri": {"Bucket": ref("CodeBucket"), "Key": ref("FunctionZipKey")}}


def _triggers() -> dict[str, Json]:
    """Per function, what is laid over (or beside) the trigger that its decorator asked for."""
    found: dict[str, Json] = {}
    for queue in QUEUES:
        found[queue.worker] = {
            f"{camel(queue.worker)}SqsEventSource": {
                "Properties": {
                    "Queue": sub("${" + queue.resource + ".Arn}"),
                    "FunctionResponseTypes": ["ReportBatchItemFailures"],
                    "ScalingConfig": {"MaximumConcurrency": WORKERS_AT_MOST[queue.name]},
                }
            }
        }
    found["plan_waves"] = {"PlanWavesEvent": {"Properties": {"Schedule": ref("WaveSchedule")}}}
    found["relay_events"] = {
        "RelayEventsDynamodbEventSource": {
            "Properties": {
                "Stream": get_att("CoreTable", "StreamArn"),
                "BisectBatchOnFunctionError": True,
                "MaximumRetryAttempts": STREAM_RETRIES,
                "MaximumRecordAgeInSeconds": STREAM_RECORD_AGE_S,
                "DestinationConfig": {
                    "OnFailure": {"Destination": get_att(DIRECT_DEAD_LETTERS["relay_events"])}
                },
            }
        }
    }
    found["receive_texts"] = {
        "ReceiveTextsSnsSubscription": {"Properties": {"Topic": sub("${InboundTextsTopic}")}}
    }
    found["check_proof"] = {
        "CheckProofEvent": {
            "Properties": {
                "Pattern": {
                    "detail": {
                        "bucket": {"name": [ref("ProofsBucket")]},
                        # What the function puts there itself must not wake it.
                        "object": {"key": [{"prefix": "incoming/"}]},
                    }
                }
            }
        }
    }
    return found


def _layer(name: str, what: str, key: str, architecture: str, runtime: str) -> Json:
    return {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {
            "LayerName": sub("${AWS::StackName}-" + name),
            "Description": what,
            "CompatibleRuntimes": [runtime],
            "CompatibleArchitectures": [architecture],
            "Content": {"S3Bucket": ref("CodeBucket"), "S3Key": ref(key)},
        },
    }


def _layers(architecture: str, runtime: str) -> Json:
    solver, pictures = "OR-Tools: routing and assignment", "Pillow and fpdf2: photos and papers"
    return {
        "SolverLayer": _layer("solver", solver, "SolverLayerKey", architecture, runtime),
        "PicturesLayer": _layer("pictures", pictures, "PicturesLayerKey", architecture, runtime),
    }


def function_resources(architecture: str, runtime: str) -> Json:
    triggers = _triggers()
    found: Json = {**_layers(architecture, runtime), **diversions.permissions()}
    for name, resource in FUNCTIONS.items():
        properties: Json = {"FunctionName": sub("${AWS::StackName}-" + name), **_code()}
        if name in WITH_SOLVER:
            properties["Layers"] = [ref("SolverLayer")]
        if name in WITH_PICTURES:
            properties["Layers"] = [ref("PicturesLayer")]
        if name in triggers:
            properties["Events"] = triggers[name]
        found[resource] = {"Properties": properties}
    for name in ("check_proof", "receive_partner_events"):
        destination = get_att(DIRECT_DEAD_LETTERS[name])
        found[camel(name)]["Properties"]["EventInvokeConfig"] = {
            "MaximumRetryAttempts": 2,
            "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": destination}},
        }
    # Chalice renames ApiHandler to APIHandler but forgets its log group.
    found["ApiHandlerLogGroup"] = {"Properties": {"LogGroupName": sub("/aws/lambda/${APIHandler}")}}
    found["RestAPI"] = {"Properties": REST_API}
    return found
