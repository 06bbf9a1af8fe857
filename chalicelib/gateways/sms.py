"""Text messages, by SNS direct publish to a phone number.

Three ways it can end, and the caller must tell them apart, because a text is never sent twice:
an answer (sent, or refused for good), :class:`TextNotSent` (surely not sent: try again), and
:class:`Upstream` (the reply was lost: nobody knows, never try again).
``Subject`` and ``MessageAttributes`` are always given: subscribers of Chalice's kind fail on
messages without them (found on the embedded cloud). Source: SNS "Common errors" of Publish.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
)

from chalicelib.kit.errors import TextNotSent, Upstream

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

_OPTED_OUT = frozenset({"OptedOut", "OptedOutException"})
_INVALID = frozenset(
    {
        "InvalidParameter",
        "InvalidParameterException",
        "InvalidParameterValue",
        "InvalidParameterValueException",
        "ParameterValueInvalid",
        "ValidationError",
        "ValidationException",
    }
)
#: No connection was made, so nothing can have arrived.
_NEVER_LEFT = (ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said: a message id when it took the text, else why it never will.

    ``refusal`` is ``opted_out`` or ``invalid``.
    """

    message_id: str | None
    refusal: str | None = None


class SnsTexts:
    """Sends one text at a time.

    Parameters
    ----------
    client
        Must not retry by itself: a lost reply would become a second text.
    sender_id
        3 to 11 letters and digits that some countries show as the sender; empty for none.
    """

    def __init__(self, client: "SNSClient", sender_id: str = "") -> None:
        self._client = client
        self._attributes: dict[str, MessageAttributeValueTypeDef] = {
            "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}
        }
        if sender_id:
            self._attributes["AWS.SNS.SMS.SenderID"] = {
                "DataType": "String",
                "StringValue": sender_id,
            }

    def send(self, phone: str, body: str, kind: str) -> Answer:
        """Publish one text to an E.164 number; ``kind`` names its template (a subject never shown).

        Raises
        ------
        TextNotSent
            If it surely was not sent; trying again is right.
        Upstream
            If nobody can know whether it was sent; trying again is wrong.
        """
        try:
            reply = self._client.publish(
                PhoneNumber=phone,
                Message=body,
                Subject=kind,
                MessageAttributes=self._attributes,
            )
        except ClientError as error:
            # The service repeats the number in its message: nothing of it may reach a log.
            return _explain(error)
        except _NEVER_LEFT:
            raise TextNotSent("the text service could not be reached") from None
        except HTTPClientError:
            raise Upstream("the text service's answer was lost") from None
        except BotoCoreError:
            raise TextNotSent("the text could not be handed over") from None
        return Answer(message_id=reply["MessageId"])

    def is_opted_out(self, phone: str) -> bool:
        """Whether the number is on the account's own list of opt-outs.

        Publishing to such a number does not always fail, so the list is asked.

        Raises
        ------
        Upstream
            If nobody can say.
        """
        try:
            reply = self._client.check_if_phone_number_is_opted_out(phoneNumber=phone)
        except (ClientError, BotoCoreError):
            raise Upstream("the list of opt-outs could not be read") from None
        return bool(reply.get("isOptedOut"))


def _explain(error: ClientError) -> Answer:
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = str(error.response.get("Error", {}).get("Message", "")).lower()
    if code in _OPTED_OUT or "opted out" in message:
        return Answer(None, "opted_out")
    if code in _INVALID:
        return Answer(None, "invalid")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= 500:
        # It broke while it had our text in its hands.
        raise Upstream("the text service failed") from None
    raise TextNotSent("the text service would not take it now") from None
