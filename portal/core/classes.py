"""Every stored field says how sensitive it is and what it is kept for. Models declare it beside their fields:

    field_classes = (
        c4("telling people apart (Zhejiang art. 29)", "document_number"),
        c4("exact search without decrypting", "document_index", plain="a keyed hash"),
        c3("finding and greeting the person", "name", "name_pinyin"),
    )

Abstract bases declare their own fields; a history table follows the table it tells of. How the declarations are read
and checked is in `portal.vault.classes`.
"""

from dataclasses import dataclass
from enum import StrEnum


class DataClass(StrEnum):
    """The four classes of the domain digest, from public to sensitive (PIPL arts 28–29)."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"


LABELS = {
    DataClass.C1: "public: areas, offices, law",
    DataClass.C2: "internal: work and its state, keys, counts",
    DataClass.C3: "personal: names, addresses, work, free text about somebody",
    DataClass.C4: "sensitive: documents, phones, ethnicity, photographs, secrets of an account",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """`plain` says why a C4 field need not be encrypted; without it the system check refuses an unencrypted one."""

    data_class: DataClass
    purpose: str
    names: tuple[str, ...]
    plain: str = ""


def c1(purpose: str, *names: str) -> Declared:
    return Declared(DataClass.C1, purpose, names)


def c2(purpose: str, *names: str) -> Declared:
    return Declared(DataClass.C2, purpose, names)


def c3(purpose: str, *names: str) -> Declared:
    return Declared(DataClass.C3, purpose, names)


def c4(purpose: str, *names: str, plain: str = "") -> Declared:
    return Declared(DataClass.C4, purpose, names, plain)
