from datetime import date

import pytest

from portal.core.errors import DomainError
from residents.choices import DocumentKind, Sex
from residents.services.identity import check_document, find_by_document, normalise_document
from residents.services.names import check_name, check_phone, normalise_name, normalise_phone, pinyin_of
from tests.factories.residents import PersonFactory

ID, BOOK, PASSPORT = DocumentKind.RESIDENT_ID, DocumentKind.HOUSEHOLD_BOOK, DocumentKind.PASSPORT
HK, TW, CARD, HMT = (
    DocumentKind.HK_MACAU_PERMIT,
    DocumentKind.TAIWAN_PERMIT,
    DocumentKind.FOREIGN_PERMANENT,
    DocumentKind.HMT_RESIDENCE,
)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed",
    ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 110105 19491231 002X ", "110105-19491231-002×"],
)
def test_Z16_one_way_of_writing_a_number(typed):
    assert normalise_document(ID, typed) == "11010519491231002X"


def test_Z16_number_tells_birth_date_sex_and_division():
    facts = check_document(ID, "11010519491231002X")
    assert (facts.birth_date, facts.sex, facts.native_code) == (date(1949, 12, 31), Sex.FEMALE, "110105")
    assert facts.note == ""


def test_Z16_number_of_an_abolished_division_is_accepted():
    facts = check_document(ID, "440524188001010014")
    assert (facts.birth_date, facts.sex, facts.native_code) == (date(1880, 1, 1), Sex.MALE, "440524")


def test_Z16_unknown_division_is_a_note_and_no_refusal():
    facts = check_document(ID, "999999199001011238")
    assert facts.sex == Sex.MALE
    assert "999999" in facts.note


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "check_digit"),
        ("11010519491331002X", "birth_date"),
        ("11010529491231002X", "birth_date"),
        ("1101051949123100", "length"),
        ("1101051949123A002X", "characters"),
        ("", "empty"),
    ],
)
def test_Z16_wrong_number_is_refused_at_its_field(number, code):
    with pytest.raises(DomainError) as refusal:
        check_document(ID, number)
    assert refusal.value.field == "document_number"
    assert refusal.value.code == code


def test_Z16_old_number_of_15_digits_is_upgraded_on_import_only():
    assert normalise_document(ID, "110105491231002", imported=True) == "11010519491231002X"
    assert normalise_document(ID, "440524800101001", imported=True) == "440524198001010013"
    at_the_window = normalise_document(ID, "110105491231002")
    with pytest.raises(DomainError, match="15"):
        check_document(ID, at_the_window)


def test_Z16_centenarian_of_the_old_numbers_was_born_in_the_1800s():
    assert normalise_document(ID, "440524800101996", imported=True)[6:14] == "18800101"


def test_Z16_small_child_has_a_number_in_the_household_booklet():
    assert check_document(BOOK, "330822202003150025").birth_date == date(2020, 3, 15)


@pytest.mark.parametrize(("kind", "number"), [(PASSPORT, "E12345678"), (PASSPORT, "123456"), (TW, "01234567")])
def test_Z16_passport_and_taiwan_permit(kind, number):
    facts = check_document(kind, number)
    assert (facts.number, facts.birth_date, facts.sex) == (number, None, None)


def test_Z16_hong_kong_permit_keeps_one_number_over_its_renewals():
    assert normalise_document(HK, "h12345678 02") == "H12345678"
    assert check_document(HK, "M12345678").number == "M12345678"


@pytest.mark.parametrize(
    ("kind", "number"),
    [(PASSPORT, "ABCDEF"), (PASSPORT, "12345"), (HK, "K12345678"), (TW, "0123456"), (CARD, "12345"), (HMT, "810000")],
)
def test_Z16_foreign_documents_of_the_wrong_form_are_refused(kind, number):
    with pytest.raises(DomainError):
        check_document(kind, number)


def test_Z16_residence_permit_of_hong_kong_macau_taiwan_uses_the_same_check_digit():
    facts = check_document(HMT, "810000199408230021")
    assert (facts.birth_date, facts.sex) == (date(1994, 8, 23), Sex.FEMALE)
    with pytest.raises(DomainError, match="81"):
        check_document(HMT, "11010519491231002X")


def test_Z16_foreign_permanent_residence_card_old_and_new():
    assert check_document(CARD, "FRA310115123456").birth_date is None
    facts = check_document(CARD, "911124198108030024")
    assert (facts.birth_date, facts.sex, facts.native_code) == (date(1981, 8, 3), Sex.FEMALE, None)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("王　建国", "王建国"),
        (" 王 建 国 ", "王建国"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("Ｍａｒｉａ   Lopez", "Maria Lopez"),
        ("J. R. O'Neil", "J. R. O'Neil"),
        ("李𠮷㛃", "李𠮷㛃"),
        ("金剛", "金剛"),
    ],
)
def test_Z16_names_are_stored_in_one_form(typed, stored):
    assert check_name(normalise_name(typed)) == stored


@pytest.mark.parametrize("name", ["", "王" * 51, "王3", "<b>", "··", "=1+1"])
def test_Z16_names_without_letters_or_too_long_are_refused(name):
    with pytest.raises(DomainError) as refusal:
        check_name(name)
    assert refusal.value.field == "name"


def test_Z16_name_of_fifty_characters_is_accepted():
    assert len(check_name("阿" * 25 + "·" + "买" * 24)) == 50


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("曾小贤", "zeng xiao xian", "zxx"),
        ("单雄信", "shan xiong xin", "sxx"),
        ("仇英", "qiu ying", "qy"),
        ("解缙", "xie jin", "xj"),
        ("尉迟恭", "yu chi gong", "ycg"),
        ("万俟卨", "mo qi xie", "mqx"),
        ("查良镛", "zha liang yong", "zly"),
        ("盖丽丽", "ge li li", "gll"),
        ("区汉", "ou han", "oh"),
        ("朴正男", "piao zheng nan", "pzn"),
        ("任华", "ren hua", "rh"),
        ("翟天", "zhai tian", "zt"),
        ("员平", "yun ping", "yp"),
        ("折可", "she ke", "sk"),
        ("种师道", "chong shi dao", "csd"),
        ("缪平", "miao ping", "mp"),
        ("乐嘉", "yue jia", "yj"),
        ("召平", "shao ping", "sp"),
        ("李𠮷", "li ji", "lj"),
        ("阿依古丽·买买提", "a yi gu li mai mai ti", "ayglmmt"),
        ("Maria Lopez", "maria lopez", "ml"),
    ],
)
def test_surnames_are_read_as_surnames(name, pinyin, initials):
    assert pinyin_of(name) == (pinyin, initials)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("138 0000 5621", "13800005621"),
        ("１３８００００５６２１", "13800005621"),
        ("+86 138-0000-5621", "13800005621"),
        ("0570-5022345", "05705022345"),
        ("", ""),
    ],
)
def test_Z16_phones_are_stored_as_digits(typed, stored):
    assert check_phone(normalise_phone(typed)) == stored


@pytest.mark.parametrize("phone", ["1380000562", "23800005621", "110", "138000056211"])
def test_Z16_wrong_phone_is_refused(phone):
    with pytest.raises(DomainError) as refusal:
        check_phone(phone)
    assert refusal.value.field == "phone"


def test_person_is_found_by_the_exact_number_only():
    person = PersonFactory.create(document_number="11010519491231002X")
    assert find_by_document("11010519491231002X") == person
    assert find_by_document("110105194912310021") is None
    assert find_by_document("") is None
