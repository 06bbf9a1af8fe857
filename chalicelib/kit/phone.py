"""Which number? Phones as people write them, made E.164.

Source: ITU-T E.164; numbering plans by Google's libphonenumber (``phonenumberslite``).
"""

from dataclasses import dataclass

import phonenumbers

_TEXTABLE = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A valid number in E.164, e.g. ``+4915112345678``."""

    e164: str

    def __post_init__(self) -> None:
        digits = self.e164[1:]
        if self.e164[:1] != "+" or not digits.isdecimal() or not 7 <= len(digits) <= 15:
            raise ValueError("a phone number is + and 7 to 15 digits")

    @classmethod
    def parse(cls, text: str, country: str) -> "Phone":
        """Read a number as people write it.

        Parameters
        ----------
        text
            ``"+1(502)-459-2181"``, ``"0151 23456789"``, ``"(555) 625-1199"`` ...
        country
            ISO 3166 alpha-2 code of the address, for numbers without a country code.

        Raises
        ------
        ValueError
            If it is no valid number of any kind.
        """
        try:
            number = phonenumbers.parse(text[:64], country.upper() or None)
        except phonenumbers.NumberParseException as error:
            raise ValueError("not a phone number") from error
        if not phonenumbers.is_possible_number(number):
            raise ValueError("not a possible phone number")
        return cls(str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)))

    @property
    def can_get_texts(self) -> bool:
        """Whether the numbering plan says that a text can arrive there."""
        number = phonenumbers.parse(self.e164)
        return phonenumbers.number_type(number) in _TEXTABLE

    @property
    def country(self) -> str:
        """ISO 3166 alpha-2 code of the country whose number it is; empty for numbers of none.

        One calling code may be of many countries: +1 876 is Jamaica, not the United States.
        """
        found = phonenumbers.region_code_for_number(phonenumbers.parse(self.e164))
        return found if found is not None and found.isalpha() else ""

    def __str__(self) -> str:
        return self.e164

    def __repr__(self) -> str:
        # Never a whole number in a log or a traceback.
        return f"Phone(...{self.e164[-2:]})"
