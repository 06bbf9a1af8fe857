"""How do Shopify's events reach us by the second door? A rule on the bus of its event source.

The account's owner associates Shopify's partner event source with a bus and names that bus; without
a name there is no rule. Chalice would put its rule on the default bus and could not leave it out,
so the function has no trigger of its own and gets it here.
Source: Amazon EventBridge, "Receiving events from a SaaS partner" (bus and source share a name).
"""

from __future__ import annotations

from infra.template.intrinsics import Json, get_att, ref

CONDITION = "WithShopifyEvents"

PARTNER_EVENTS: Json = {
    "ShopifyEventsRule": {
        "Type": "AWS::Events::Rule",
        "Condition": CONDITION,
        "Properties": {
            "EventBusName": ref("ShopifyEventBus"),
            "EventPattern": {"source": [{"prefix": "aws.partner/shopify.com"}]},
            "Targets": [
                {
                    "Id": "receive_partner_events",
                    "Arn": get_att("ReceivePartnerEvents"),
                    "RetryPolicy": {"MaximumRetryAttempts": 20, "MaximumEventAgeInSeconds": 14_400},
                }
            ],
        },
    },
    "ShopifyEventsPermission": {
        "Type": "AWS::Lambda::Permission",
        "Condition": CONDITION,
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": ref("ReceivePartnerEvents"),
            "Principal": "events.amazonaws.com",
            "SourceArn": get_att("ShopifyEventsRule"),
        },
    },
}
