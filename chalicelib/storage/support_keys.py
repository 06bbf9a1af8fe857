"""Where do checks of handovers, their papers and support cases stand? Beside those in ``keys``."""

from chalicelib.storage.keys import Key, TableName


def proof_check(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", "CK")


def check_owner(check_id: str) -> Key:
    return Key(TableName.CORE, f"CK#{check_id}")


def proof_reviews(hub_id: str) -> str:
    """g3: handovers of a hub that somebody has to look at, from when on."""
    return f"CK#{hub_id}"


def proof_paper(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", "PDF")


def support_case(merchant_id: str, case_id: str) -> Key:
    return Key(TableName.CORE, f"SC#{merchant_id}", case_id)


def support_cases(merchant_id: str) -> str:
    return f"SC#{merchant_id}"


def case_owner(case_id: str) -> Key:
    return Key(TableName.CORE, f"CS#{case_id}")


def case_of_delivery(merchant_id: str, delivery_id: str, opener: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", f"SC#{opener}")


def case_picture(merchant_id: str, delivery_id: str, picture_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", f"CP#{picture_id}")


def case_pictures(merchant_id: str, delivery_id: str) -> tuple[str, str]:
    return f"D#{merchant_id}#{delivery_id}", "CP#"


def case_text(merchant_id: str, delivery_id: str, case_id: str, number: int) -> Key:
    return Key(TableName.PII, f"D#{merchant_id}#{delivery_id}", f"SC#{case_id}#{number:04d}")


def case_texts(merchant_id: str, delivery_id: str, case_id: str) -> tuple[str, str]:
    return f"D#{merchant_id}#{delivery_id}", f"SC#{case_id}#"


def support_terms(hub_id: str) -> Key:
    return Key(TableName.CORE, "NET", f"SP#{hub_id}")


def cases_due(hub_id: str) -> str:
    """g3: cases of a hub that wait for the desk, by when it has to answer."""
    return f"SC#{hub_id}"
