"""The link into a driver's app, on this machine."""

from local import driver_link


def test_the_link_leads_to_the_app_with_the_new_code() -> None:
    texts = [{"to": "+491713920001", "body": "Your code is 111111."}]
    asked: list[tuple[str, bytes]] = []

    def post(path: str, body: bytes) -> None:
        asked.append((path, body))
        texts.append({"to": "+491713920002", "body": "Your code is 999999."})
        texts.append({"to": "+491713920001", "body": "Your code is 222222."})

    opened = driver_link.link("http://127.0.0.1:1", "+491713920001")
    path = opened.removeprefix("http://127.0.0.1:1")
    goal = driver_link.follow(path, lambda: texts, post)
    assert goal == "/d#phone=%2B491713920001&code=222222&every=2"
    assert asked == [("/v1/driver/codes", b'{"phone_number": "+491713920001"}')]
