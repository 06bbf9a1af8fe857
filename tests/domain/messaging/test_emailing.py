"""Where a text does not get, the same news goes by e-mail: once, and never beside a text."""

from dataclasses import replace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.messaging import emailing, service, suppression
from chalicelib.domain.messaging.store import EmailFate, Fate
from chalicelib.gateways.email import SesEmails
from chalicelib.kit import email_address
from chalicelib.kit.errors import Upstream
from chalicelib.kit.mail import Mail
from tests.domain.messaging.test_guards import LINKS, Town, out
from tests.domain.messaging.test_send_text import Answer
from tests.telling import ANNA, SERVER_KEY, steps_to

ADDRESS = "anna@example.org"


class Post:
    """Takes every e-mail, or ends as it is told."""

    def __init__(self, ending=None) -> None:
        self.sent: list[tuple[str, Mail]] = []
        self.ending = ending

    def send(self, address: str, mail: Mail) -> bool:
        if isinstance(self.ending, Exception):
            raise self.ending
        self.sent.append((address, mail))
        return self.ending is None


@pytest.fixture
def town() -> Town:
    return Town()


def tell(town: Town, post: Post, **recipient: object):
    anna = replace(ANNA, **{"email": ADDRESS, **recipient})
    delivery = town.world.deliver(*steps_to(Status.PICKED_UP), recipient=anna)
    fate = town.send(out(delivery))
    by_email = service.send_by_email(town.run, post, LINKS, out(delivery))
    again = service.send_by_email(town.run, post, LINKS, out(delivery))
    assert again is None, "the same news is never sent twice"
    return fate, by_email


def test_a_refused_text_goes_by_email_with_its_link(town: Town) -> None:
    town.texts.endings = [Answer(None, "invalid")]
    post = Post()
    assert tell(town, post) == (Fate.REFUSED, EmailFate.SENT)
    ((address, mail),) = post.sent
    assert address == ADDRESS
    assert "#1042" in mail.subject
    assert "https://lm.example/t/" in mail.text
    assert '<a href="https://lm.example/t/' in mail.html


def test_a_text_that_was_sent_is_not_followed_by_an_email(town: Town) -> None:
    post = Post()
    assert tell(town, post) == (Fate.SENT, None)
    assert post.sent == []


def test_whose_number_is_unknown_or_lost_is_written_to(town: Town) -> None:
    assert tell(town, Post(), phone=None) == (Fate.SKIPPED, EmailFate.SENT)
    town.texts.endings = [Upstream("lost")]
    assert tell(town, Post()) == (Fate.UNKNOWN, EmailFate.SENT)


def test_nobody_is_written_to_without_an_address(town: Town) -> None:
    assert tell(town, Post(), phone=None, email="") == (Fate.SKIPPED, None)


@pytest.mark.parametrize(
    ("by", "fate"), [(suppression.PAGE, None), (suppression.REPLY, EmailFate.SENT)]
)
def test_who_wants_no_texts_on_the_page_gets_no_email_instead(town: Town, by, fate) -> None:
    phone, merchant_id = ANNA.phone, town.world.merchant.id
    town.run(lambda uow: suppression.opt_out(uow, phone, SERVER_KEY, merchant_id, by))
    assert tell(town, Post()) == (Fate.SKIPPED, fate)


def test_an_address_has_the_ceiling_of_a_number(town: Town) -> None:
    post = Post()
    for _ in range(5):
        tell(town, post, phone=None)
    assert len(post.sent) == 3


@pytest.mark.parametrize(
    ("ending", "fate"), [(Upstream("lost"), EmailFate.UNKNOWN), (False, EmailFate.REFUSED)]
)
def test_how_an_email_ended_stays_visible(town: Town, ending, fate) -> None:
    assert tell(town, Post(ending), phone=None) == (Fate.SKIPPED, fate)


def test_markup_in_names_stays_words() -> None:
    mail = emailing.write("A\nB", "<b>Roth</b>: it is coming. https://lm.example/t/x")
    assert mail.subject == "A B"
    assert "&lt;b&gt;Roth" in mail.html


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (" Anna.S+x@Example.ORG ", "Anna.S+x@example.org"),
        ("anna@example", ""),
        ("a b@example.org", ""),
        ("x@example.org\nBcc: y@example.org", ""),
        ("a" * 250 + "@example.org", ""),
        (None, ""),
    ],
)
def test_only_plain_addresses_are_written_to(text: str | None, read: str) -> None:
    assert email_address.read(text) == read


def test_an_email_reaches_the_service(aws) -> None:
    client = boto3.client("sesv2", config=Config(retries={"max_attempts": 0}))
    mail = Mail("Hello", "words", "<p>words</p>")
    client.create_email_identity(EmailIdentity="news@lm.example")
    assert SesEmails(client, "news@lm.example").send(ADDRESS, mail)
    (kept,) = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
    assert kept.source == "news@lm.example"
    assert kept.destinations["ToAddresses"] == [ADDRESS]


@pytest.mark.parametrize(("code", "refused"), [("MessageRejected", True), ("Throttled", False)])
def test_a_refusal_is_told_from_a_lost_answer(code: str, refused: bool) -> None:
    class Client:
        def send_email(self, **arguments: object) -> None:
            raise ClientError({"Error": {"Code": code, "Message": f"no: {ADDRESS}"}}, "SendEmail")

    emails = SesEmails(Client(), "news@lm.example")
    if refused:
        assert not emails.send(ADDRESS, Mail("", "", ""))
    else:
        with pytest.raises(Upstream, match=r"^the e-mail service failed$"):
            emails.send(ADDRESS, Mail("", "", ""))
