"""The town's streets, where the stack looks for them: beneath every recipient's map.

Routes of the demo are still planned by the model of detours (``ROADS``), as a new stack does.
"""

from collections.abc import Sequence

from local.cloud import session
from local.stack import RunningStack
from local.streets.__main__ import demo_town, key_of
from local.streets.contract import JUNCTION_S, contract, pack


def lay_streets(stack: RunningStack, hub_ids: Sequence[str]) -> None:
    """Put the same town for every hub; nobody has to be named as its author."""
    packed = pack(contract(demo_town().largest_part(), JUNCTION_S))
    client = session().client("s3", endpoint_url=stack.aws_endpoint_url)
    for hub_id in hub_ids:
        client.put_object(
            Bucket=stack.outputs["PayloadsBucketName"],
            Key=key_of(hub_id),
            Body=packed,
            Metadata={"credit": ""},
        )
    client.close()
