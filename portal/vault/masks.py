"""What lists and pages show in place of a full value."""

LONG_NUMBER = 10
SHORT_NUMBER = 4
MOBILE_DIGITS = 11


def mask_id_number(value: str) -> str:
    """Resident IDs keep 3 + 4 characters, passports and permits 2 + 2: `E1234567` → `E1****67`."""
    if len(value) > LONG_NUMBER:
        return value[:3] + "*" * (len(value) - 7) + value[-4:]
    if len(value) > SHORT_NUMBER:
        return value[:2] + "*" * (len(value) - 4) + value[-2:]
    return "*" * len(value)


def mask_phone(value: str) -> str:
    """A mobile number keeps 3 + 4 digits, also behind a country code; a landline only its last two."""
    if len(value) >= MOBILE_DIGITS and value[-MOBILE_DIGITS:].isdigit() and value[-MOBILE_DIGITS] == "1":
        return value[:-8] + "****" + value[-4:]
    return "*" * max(len(value) - 2, 0) + value[-2:] if len(value) > SHORT_NUMBER else "*" * len(value)


def mask_name(value: str) -> str:
    """The first character stays: a Chinese surname, or the first letter of a foreign name."""
    return value[:1] + "*" * (len(value) - 1) if len(value) > 1 else "*" * len(value)
