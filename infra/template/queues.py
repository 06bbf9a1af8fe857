"""Which work waits in which queue, and where does it go when it cannot be done?

A message stays hidden for six times its function's timeout, as AWS advises for Lambda, so that a
slow worker is never overtaken by its own message; after five receipts it moves to
`<name>_dlq`, where it stays for 14 days and an alarm tells of it.
Source: AWS Lambda developer guide, "Using Lambda with Amazon SQS" (visibility timeout).
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.template.intrinsics import Json, camel, get_att, ref

VISIBILITY_PER_TIMEOUT = 6
MAX_RECEIVES = 5
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    worker: str
    worker_timeout_s: int
    # Older than this, a waiting message is worth an alarm.
    late_after_s: int
    # The queue whose dead letters its own join; its own name if empty.
    dies_with: str = ""

    @property
    def resource(self) -> str:
        return f"{camel(self.name)}Queue"

    @property
    def dead_letters(self) -> str:
        return f"{camel(self.dies_with or self.name)}Dlq"


QUEUES = (
    Queue("waves", "solve_wave", 300, late_after_s=900),
    # Both are about one wave, and what to do is the same: one alarm less. Holds deadlines, too.
    Queue("merges", "merge_wave", 300, late_after_s=1200, dies_with="waves"),
    # Holds delayed messages too (an offer's expiry), which count from when they show.
    Queue("rematch", "rematch_routes", 60, late_after_s=1200),
    # Both are about a hub's present, which the next tick or the next news shows anyway.
    Queue("sheets", "draw_sheets", 60, late_after_s=1200, dies_with="rematch"),
    Queue("redeliveries", "redeliver_events", 60, late_after_s=1800),
    Queue("messages", "send_messages", 60, late_after_s=600),
    # A platform may be down for an hour; what cannot be told at all joins the listeners' failures.
    Queue("shops", "update_shops", 120, late_after_s=3600, dies_with="redeliveries"),
    # Nobody waits for the books; what cannot be booked is looked at with the listeners' failures.
    Queue("books", "keep_books", 60, late_after_s=3600, dies_with="redeliveries"),
    # Somebody looks at its progress, and can ask again.
    Queue("simulations", "simulate", 300, late_after_s=3600, dies_with="redeliveries"),
    # Figures lag by minutes anyway, and the night makes up for what could not be done.
    Queue("figures", "roll_figures", 300, late_after_s=3600, dies_with="redeliveries"),
    # Somebody waits for it, and can ask again.
    Queue("papers", "make_papers", 60, late_after_s=1800, dies_with="redeliveries"),
    # What cannot be done here is what the relay's listeners could not do: one alarm for both.
    Queue("callbacks", "post_webhooks", 90, late_after_s=900, dies_with="redeliveries"),
)

# Dead-letter queues of what is not itself fed by a queue: the core table's stream, proof events.
DIRECT_DEAD_LETTERS = {
    "relay_events": "RelayDlq",
    "check_proof": "ProofsDlq",
    # Both are events from outside of our queues that could not be handled: one alarm.
    "receive_partner_events": "RelayDlq",
}


def dead_letter_queues() -> list[str]:
    """Resources of every dead-letter queue."""
    return list(
        dict.fromkeys([*(queue.dead_letters for queue in QUEUES), *DIRECT_DEAD_LETTERS.values()])
    )


def _dead_letter_queue() -> Json:
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"MessageRetentionPeriod": 14 * DAY_S, "SqsManagedSseEnabled": True},
    }


def _queue(queue: Queue) -> Json:
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "VisibilityTimeout": VISIBILITY_PER_TIMEOUT * queue.worker_timeout_s,
            "MessageRetentionPeriod": 4 * DAY_S,
            "SqsManagedSseEnabled": True,
            "RedrivePolicy": {
                "deadLetterTargetArn": get_att(queue.dead_letters),
                "maxReceiveCount": MAX_RECEIVES,
            },
        },
    }


def queue_resources() -> Json:
    found = {name: _dead_letter_queue() for name in dead_letter_queues()}
    return found | {queue.resource: _queue(queue) for queue in QUEUES}


def queue_environment() -> Json:
    return {
        **{f"QUEUE_{queue.name.upper()}": ref(queue.resource) for queue in QUEUES},
        # What the desk calls them: WavesDlq is `waves`.
        **{f"DEAD_{name.removesuffix('Dlq').upper()}": ref(name) for name in dead_letter_queues()},
    }
