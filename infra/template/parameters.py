"""What may differ between two deployments of the same package, and what does a stack tell?"""

from __future__ import annotations

from infra.template.intrinsics import Json, get_att, ref, sub
from infra.template.queues import QUEUES
from infra.template.tables import TABLES

PARAMETERS: Json = {
    "Stage": {
        "Type": "String",
        "Default": "dev",
        "AllowedPattern": "[a-z][a-z0-9-]{0,15}",
        "Description": "Names the deployment; part of the secrets' path in Parameter Store.",
    },
    "CodeBucket": {
        "Type": "String",
        "Description": "Bucket in this region that holds the function's and the layer's zips.",
    },
    "FunctionZipKey": {"Type": "String", "Description": "Key of function.zip in CodeBucket."},
    "SolverLayerKey": {
        "Type": "String",
        "Description": "Key of the solver layer's zip in CodeBucket.",
    },
    "PicturesLayerKey": {
        "Type": "String",
        "Description": "Key of the zip in CodeBucket with the layer for photos and papers.",
    },
    "PublicBaseUrl": {
        "Type": "String",
        "Default": "",
        "AllowedPattern": "(https?://[^/]+(/[^/]+)*)?",
        "Description": "Where people reach pages and links, without a trailing slash.",
    },
    "ShortBaseUrl": {
        "Type": "String",
        "Default": "",
        "AllowedPattern": "(https?://[^/]+(/[^/]+)*)?",
        "Description": "A short host of the same pages, for links in texts: https://lm.link.",
    },
    "ProofUploadOrigin": {
        "Type": "String",
        "Default": "*",
        "Description": "Origin of the driver's page, the only one that may upload proofs.",
    },
    "WaveSchedule": {
        "Type": "String",
        "Default": "rate(5 minutes)",
        "Description": "How often the waiting deliveries are gathered into waves.",
    },
    "FanOutAbove": {
        "Type": "Number",
        "Default": 1500,
        "MinValue": 1,
        "Description": "Waves of more deliveries are shared out among several workers.",
    },
    "Roads": {
        "Type": "String",
        "Default": "detours",
        "AllowedValues": ["detours", "streets", "amazon"],
        "Description": "Whose travel times plans go by; see docs/operations.md.",
    },
    "RoadsPairsPerDay": {
        "Type": "Number",
        "Default": 20000,
        "MinValue": 0,
        "Description": "So many pairs of cells a day may Amazon Location be asked for.",
    },
    "ShopsAllowLoopback": {
        "Type": "String",
        "Default": "no",
        "AllowedValues": ["yes", "no"],
        "Description": "yes: shops may be http://127.0.0.1; only on a local stage.",
    },
    "ShopifyEventBus": {
        "Type": "String",
        "Default": "",
        "AllowedPattern": "(aws\\.partner/shopify\\.com/[A-Za-z0-9/_.-]{1,200})?",
        "Description": "The partner event bus of your Shopify app; empty for webhooks alone.",
    },
    "CallsPerMinute": {
        "Type": "Number",
        "Default": 600,
        "MinValue": 1,
        "Description": "So many calls of the API may one key make in a minute.",
    },
    "CallbacksAllowLoopback": {
        "Type": "String",
        "Default": "no",
        "AllowedValues": ["yes", "no"],
        "Description": "yes: webhooks may go to http://localhost; only on a local stage.",
    },
    "PlacesEndpointUrl": {
        "Type": "String",
        "Default": "",
        "Description": "A stand-in for Amazon Location's places; empty for the real one.",
    },
    "ClockRate": {
        "Type": "String",
        "Default": "1",
        "AllowedPattern": "[0-9]+(\\.[0-9]+)?",
        "Description": "Business seconds per real second; above 1 only on a local stage.",
    },
    "ClockAnchor": {
        "Type": "String",
        "Default": "",
        "Description": "Real instant (ISO 8601) at which ClockStart was shown.",
    },
    "ClockStart": {
        "Type": "String",
        "Default": "",
        "Description": "Business instant (ISO 8601) shown at ClockAnchor.",
    },
    "SignIn": {
        "Type": "String",
        "Default": "local",
        "AllowedValues": ["local", "cognito"],
        "Description": "Who keeps the passwords of the desk and of teams: we, or Cognito.",
    },
    "DeskMfa": {
        "Type": "String",
        "Default": "ON",
        "AllowedValues": ["ON", "OFF"],
        "Description": "With Cognito: whether the desk needs an authenticator app.",
    },
    "TeamMfa": {
        "Type": "String",
        "Default": "OFF",
        "AllowedValues": ["ON", "OFF"],
        "Description": "With Cognito: whether merchants' teams need an authenticator app.",
    },
    "SmsSenderId": {
        "Type": "String",
        "Default": "Lastmile",
        "AllowedPattern": "([A-Za-z0-9]{1,11})?",
        "Description": "Sender shown on texts in countries that allow one.",
    },
    "EmailSender": {
        "Type": "String",
        "Default": "",
        "AllowedPattern": r"([^@\s<>]+@[^@\s<>]+)?",
        "Description": "SES identity that writes where a text does not get; empty: nobody.",
    },
    "SpendLimit": {
        "Type": "Number",
        "Default": 50,
        "MinValue": 1,
        "Description": "US dollars a month spent on texts at which the alarm sounds.",
    },
    "LogLevel": {
        "Type": "String",
        "Default": "INFO",
        "AllowedValues": ["DEBUG", "INFO", "WARNING", "ERROR"],
    },
    "Alarms": {
        "Type": "String",
        "Default": "essential",
        "AllowedValues": ["essential", "all", "none"],
        "Description": "essential: the ten that the free tier holds; all: about a dollar a month.",
    },
    "AlarmEmail": {
        "Type": "String",
        "Default": "",
        "AllowedPattern": "([^@ ]+@[^@ ]+)?",
        "Description": "Where alarms are mailed to, after a confirmation; empty for nowhere.",
    },
    "KeepData": {
        "Type": "String",
        "Default": "no",
        "AllowedValues": ["yes", "no"],
        "Description": "yes: tables refuse to be deleted.",
    },
}

CONDITIONS: Json = {
    "WithCognito": {"Fn::Equals": [ref("SignIn"), "cognito"]},
    "WithDeskMfa": {"Fn::Equals": [ref("DeskMfa"), "ON"]},
    "WithTeamMfa": {"Fn::Equals": [ref("TeamMfa"), "ON"]},
    "WithAlarms": {"Fn::Not": [{"Fn::Equals": [ref("Alarms"), "none"]}]},
    "WithAllAlarms": {"Fn::Equals": [ref("Alarms"), "all"]},
    "WithAlarmEmail": {"Fn::Not": [{"Fn::Equals": [ref("AlarmEmail"), ""]}]},
    "WithOwnPlaces": {"Fn::Not": [{"Fn::Equals": [ref("PlacesEndpointUrl"), ""]}]},
    "WithShopifyEvents": {"Fn::Not": [{"Fn::Equals": [ref("ShopifyEventBus"), ""]}]},
    "KeepsData": {"Fn::Equals": [ref("KeepData"), "yes"]},
}


def outputs() -> Json:
    """What a client, an operator or the launcher needs to know of a deployed stack."""
    found = {
        "ApiUrl": sub("https://${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}/api"),
        "ProofsBucketName": ref("ProofsBucket"),
        "PayloadsBucketName": ref("PayloadsBucket"),
        "SolverLayerArn": ref("SolverLayer"),
        "AlarmTopicArn": ref("AlarmTopic"),
        "InboundTextsTopicArn": ref("InboundTextsTopic"),
        "ServerKeyParameter": sub("/lastmile/${Stage}/server-key"),
        "OperatorKeyParameter": sub("/lastmile/${Stage}/operator-key"),
        "CoreStreamArn": get_att("CoreTable", "StreamArn"),
    }
    found |= {f"{table.resource}Name": ref(table.resource) for table in TABLES}
    found |= {f"{queue.resource}Url": ref(queue.resource) for queue in QUEUES}
    return {name: {"Value": value} for name, value in found.items()}
