"""Where do recipients' replies come in? A topic that only AWS End User Messaging may publish to.

Two-way texts need a number of one's own; its owner names this topic as the number's destination.
Source: AWS End User Messaging SMS, "Two-way SMS messaging", topic policies.
"""

from __future__ import annotations

from infra.template.intrinsics import Json, ref

INBOUND_TEXTS: Json = {
    "InboundTextsTopic": {"Type": "AWS::SNS::Topic", "Properties": {}},
    "InboundTextsPolicy": {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [ref("InboundTextsTopic")],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "TakeReplies",
                        "Effect": "Allow",
                        "Principal": {"Service": "sms-voice.amazonaws.com"},
                        "Action": ["sns:Publish"],
                        "Resource": ref("InboundTextsTopic"),
                        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
                    }
                ],
            },
        },
    },
}
