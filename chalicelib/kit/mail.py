"""What is an e-mail made of? Words only: a subject, a text, and the same as simple HTML."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    subject: str
    text: str
    html: str
