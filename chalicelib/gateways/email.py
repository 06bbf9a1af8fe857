"""E-mails, by SES: one plain message to one recipient, as a text and as simple HTML.

The same three endings as a text's (``gateways.sms``), because an e-mail is not sent twice either.
Source: Amazon SES API v2 reference, SendEmail.
"""

from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.kit.errors import Upstream
from chalicelib.kit.mail import Mail

#: The service's word on the message or the address: sending it again does not help.
_REFUSED = frozenset(
    {"MessageRejected", "BadRequestException", "MailFromDomainNotVerifiedException"}
)


class Client(Protocol):
    """What is used of SES's client."""

    def send_email(self, **arguments: Any) -> Any: ...


class SesEmails:
    """Sends one e-mail at a time; ``client`` must not retry by itself."""

    def __init__(self, client: Client, sender: str) -> None:
        self._client, self._sender = client, sender

    def send(self, address: str, mail: Mail) -> bool:
        """Hand one e-mail over; False when it never will be taken.

        Raises
        ------
        Upstream
            If nobody can know whether it was sent; trying again is wrong.
        """
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [address]},
                Content={
                    "Simple": {
                        "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                        "Body": {
                            "Text": {"Data": mail.text, "Charset": "UTF-8"},
                            "Html": {"Data": mail.html, "Charset": "UTF-8"},
                        },
                    }
                },
            )
        except ClientError as error:
            # The service repeats the address in its message: nothing of it may reach a log.
            if str(error.response.get("Error", {}).get("Code", "")) in _REFUSED:
                return False
            raise Upstream("the e-mail service failed") from None
        except BotoCoreError:
            raise Upstream("the e-mail service's answer was lost") from None
        return True
