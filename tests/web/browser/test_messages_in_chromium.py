"""Driver and recipient write to each other: one exchange, begun without a signal."""

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.messaging import conversations
from chalicelib.domain.messaging.conversation_store import Side
from chalicelib.domain.messaging.conversations import Post
from tests.web.browser.driver_phone import a_phone
from tests.web.browser.driver_stage import DriverStage

pytestmark = pytest.mark.browser


def test_a_sentence_tapped_without_a_signal_arrives_and_the_answer_is_marked_as_new(
    chromium, stage: DriverStage
) -> None:
    number, _, route = stage.a_driver_on(1)
    (ref,) = route.deliveries()
    phone = a_phone(chromium, stage)
    try:
        phone.sign_in(number)
        phone.tab.locator("#stop").wait_for()
        phone.press("I have arrived")
        phone.press("All on board")
        tool = phone.tab.get_by_role("button", name="Messages")
        tool.wait_for()
        # The messages are a part that is loaded later.
        phone.wait_until_kept()
        phone.context.set_offline(True)
        tool.click()
        phone.press("I cannot find the entrance.")
        phone.tab.get_by_text("You, will be sent").wait_for()
        assert phone.tab.get_by_role("link", name="Text").count() == 0, "no link shows the number"
        phone.context.set_offline(False)
        phone.tab.get_by_text("All sent").wait_for()
        tool.click()

        def answer(uow) -> None:
            (said,) = conversations.read(uow, ref)
            assert (said.side, said.canned) == (Side.DRIVER, "no_entrance")
            delivery = deliveries.load(uow, ref)
            conversations.post(uow, delivery, Post(Side.RECIPIENT, "Round the <b>corner</b>"))

        with stage.lock:
            uow = wiring.unit_of_work()
            answer(uow)
            uow.commit()
        phone.tab.reload()
        tool.get_by_text("1").wait_for()
        tool.click()
        phone.tab.get_by_text("Round the <b>corner</b>").wait_for()
        tool.get_by_text("1").wait_for(state="detached")
        assert phone.own_complaints() == []
    finally:
        phone.put_away()
