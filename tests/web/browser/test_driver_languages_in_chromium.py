"""The driver's app in other languages: nothing is said in English, nothing is too long."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.browser.driver_phone import Phone, a_phone
from tests.web.browser.driver_stage import DriverStage

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
#: What people see and hear, but for what is a name of somebody or something.
SAID = """() => {
  const own = "bdi, [dir=auto], .brand, select, .map, script, style, noscript";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const said = [];
  while (walk.nextNode()) {
    const { parentElement, data } = walk.currentNode;
    if (!parentElement.closest(own) && parentElement.checkVisibility()) said.push(data);
  }
  for (const name of ["aria-label", "alt", "title", "placeholder"])
    for (const one of document.querySelectorAll(`[${name}]`)) said.push(one.getAttribute(name));
  for (const one of document.querySelectorAll("select.first option")) said.push(one.innerText);
  return said;
}"""
#: Numbers, clocks, amounts and their units are the browser's own.
UNITS = re.compile(r"\d+:\d\d|\b(AM|PM|km|m|min|hr|EUR|Lastmile)\b|\(\d+\)")


def untranslated(said: list[str]) -> list[str]:
    """What holds letters when everything in brackets is taken away, the innermost first."""
    left = []
    for text in said:
        before, now = "", text
        while before != now:
            before, now = now, re.sub(r"\[[^\[\]]*\]", "", now)
        if any(letter.isalpha() for letter in UNITS.sub("", now)):
            left.append(text)
    return left


def tour(phone: Phone, stage: DriverStage, number: str, look: Callable[[str], Any]) -> None:
    """Every screen of a route, found without a word."""
    tab = phone.tab
    tab.locator("#phone").wait_for()
    look("sign in")
    tab.locator("#phone").fill(number)
    tab.locator("form button").click()
    tab.locator("#code").wait_for()
    look("code")
    tab.locator("#code").fill(phone.code(number))
    tab.locator("#stop").wait_for()
    tab.locator("summary.tool").click()
    look("next stop")
    for index, name in ((1, "map"), (2, "pay"), (3, "help")):
        tab.locator(".tabs button").nth(index).click()
        tab.locator(".map, #shifts, .help").first.wait_for()
        look(name)
    tab.locator(".tabs button").nth(2).click()
    tab.locator("section:has(#shifts) > button").click()
    tab.locator("dialog[open] h2").wait_for()
    tab.locator("dialog[open] .plain").first.click()
    look("shift")
    tab.locator("dialog[open] .plain").last.click()
    tab.locator(".tabs button").nth(0).click()
    tab.locator(".stop button.big").click()
    tab.locator(".parcels").wait_for()
    look("loading")
    tab.locator(".stop button.big").click()
    tab.locator(".stop:not(.arrived) button.big").click()
    tab.locator(".handed summary").click()
    look("handover")
    tab.locator(".stop > button.plain").click()
    tab.locator(".trouble .reasons").wait_for()
    look("trouble")
    tab.locator(".badge").click()
    tab.locator("#sheet").wait_for()
    look("sheet")
    tab.locator("dialog[open] .plain").last.click()


def test_every_word_of_the_app_is_translated_and_fits_a_narrow_phone(
    chromium, stage: DriverStage
) -> None:
    number, _, route = stage.a_driver_on(2)
    stage.ask_everything(route)
    phone = a_phone(chromium, stage, fragment="#lang=en-XA", viewport=NARROW)

    def look(screen: str) -> None:
        assert untranslated(phone.tab.evaluate(SAID)) == [], screen
        assert phone.tab.evaluate("document.documentElement.scrollWidth") == 320, screen

    tour(phone, stage, number, look)
    phone.tab.locator(".badge.fine").wait_for()
    phone.put_away()
