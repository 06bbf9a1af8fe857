"""Which country, and does its postal code look like one?

Country names as shops and people write them, English and in the country's own languages, to ISO
3166 alpha-2; postal-code shapes only where the country has exactly one that we can state. A country
without a shape is not judged. Sources: ISO 3166-1, CLDR 46 territory names, UPU postal addressing
systems.
"""

import re
import unicodedata

_NAMES = {
    "AT": "AUT austria, österreich, oesterreich",
    "AU": "AUS australia",
    "BE": "BEL belgium, belgië, belgique, belgien",
    "BG": "BGR bulgaria, българия",
    "CA": "CAN canada, kanada",
    "CH": "CHE switzerland, schweiz, suisse, svizzera",
    "CZ": "CZE czechia, czech republic, česko, česká republika",
    "DE": "DEU germany, deutschland, allemagne",
    "DK": "DNK denmark, danmark, dänemark",
    "EE": "EST estonia, eesti",
    "ES": "ESP spain, españa, spanien",
    "FI": "FIN finland, suomi, finnland",
    "FR": "FRA france, frankreich",
    "GB": "GBR united kingdom, uk, great britain, england, scotland, wales, northern ireland",
    "GR": "GRC greece, ελλάδα",
    "HR": "HRV croatia, hrvatska",
    "HU": "HUN hungary, magyarország",
    "IE": "IRL ireland, éire",
    "IN": "IND india",
    "IT": "ITA italy, italia, italien",
    "LI": "LIE liechtenstein",
    "LT": "LTU lithuania, lietuva",
    "LU": "LUX luxembourg, luxemburg",
    "LV": "LVA latvia, latvija",
    "MX": "MEX mexico, méxico",
    "NL": "NLD netherlands, the netherlands, nederland, holland, niederlande",
    "NO": "NOR norway, norge",
    "NZ": "NZL new zealand",
    "PL": "POL poland, polska, polen",
    "PT": "PRT portugal",
    "RO": "ROU romania, românia",
    "SE": "SWE sweden, sverige, schweden",
    "SI": "SVN slovenia, slovenija",
    "SK": "SVK slovakia, slovensko",
    "US": "USA united states, united states of america, u.s.a., u.s.",
    "ZA": "ZAF south africa",
}
_FOUR, _FIVE, _SIX = r"\d{4}", r"\d{5}", r"\d{6}"
_SHAPES = {
    **dict.fromkeys(("AT", "AU", "BE", "BG", "CH", "DK", "HU", "LI", "LU", "NO", "NZ"), _FOUR),
    **dict.fromkeys(("SI", "ZA"), _FOUR),
    **dict.fromkeys(("DE", "EE", "ES", "FI", "FR", "HR", "IT", "MX"), _FIVE),
    **dict.fromkeys(("IN", "RO"), _SIX),
    "CA": r"[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d",
    "CZ": r"\d{3} \d{2}",
    "GB": r"(?:[A-Z]{1,2}\d[A-Z\d]?) \d[A-Z]{2}",
    "GR": r"\d{3} \d{2}",
    "IE": r"(?:[AC-FHKNPRTV-Y]\d{2}|D6W) [0-9AC-FHKNPRTV-Y]{4}",
    "LT": r"LT-\d{5}",
    "LV": r"LV-\d{4}",
    "NL": r"[1-9]\d{3} [A-Z]{2}",
    "PL": r"\d{2}-\d{3}",
    "PT": r"\d{4}-\d{3}",
    "SE": r"\d{3} \d{2}",
    "SK": r"\d{3} \d{2}",
    "US": r"\d{5}(?:-\d{4})?",
}
#: Where the gap stands, counted from the end, in codes that people write together.
_GAPS = {
    **dict.fromkeys(("CZ", "GR", "SE", "SK", "NL"), (2, " ")),
    **dict.fromkeys(("CA", "GB"), (3, " ")),
    "IE": (4, " "),
    "PL": (3, "-"),
    "PT": (3, "-"),
}
_PREFIXED = frozenset({"LT", "LV"})


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w]+", " ", letters).split())


_CODES = {
    _folded(name): code
    for code, line in _NAMES.items()
    for name in (line[:3], *line[4:].split(", "))
}


def iso_code(text: str | None) -> str | None:
    """The alpha-2 code of a country's code or name; None when it is none that we know."""
    given = (text or "").strip()
    if len(given) == 2 and given.isascii() and given.isalpha():
        return {"UK": "GB"}.get(given.upper(), given.upper())
    return _CODES.get(_folded(given[:80]))


def tidy_postal_code(text: str, country: str) -> str:
    """The code as its country writes it, when it can be read as one; else as it was given."""
    code = " ".join(text.upper().split())
    shape = _SHAPES.get(country)
    if shape is None:
        return code
    bare = re.sub(r"[^0-9A-Z]", "", code)
    # "D-10119" and "A 1010" are codes with the country's mark before them.
    for mark in (country, country[0]):
        if not re.match(r"[A-Z]", shape) and re.fullmatch(rf"{mark}\d{{3,}}.*", bare):
            bare = bare.removeprefix(mark)
            break
    written = bare
    if country in _GAPS:
        length, gap = _GAPS[country]
        written = f"{bare[:-length]}{gap}{bare[-length:]}"
    elif country in _PREFIXED:
        written = f"{country}-{bare.removeprefix(country)}"
    elif country == "US" and len(bare) == 9:
        written = f"{bare[:5]}-{bare[5:]}"
    return written if re.fullmatch(shape, written, re.ASCII) else code


def has_odd_postal_code(code: str, country: str) -> bool:
    """Whether a code is given that its country cannot have."""
    shape = _SHAPES.get(country)
    return bool(code) and shape is not None and not re.fullmatch(shape, code, re.ASCII)
