"""Which languages may a caller name? Those that have a catalogue; a test compares the two."""

from typing import Literal

SpokenLanguage = Literal["en", "es", "de", "ar"]
