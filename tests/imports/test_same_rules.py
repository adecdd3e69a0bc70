"""A file of one row and the screen come to the same: the same record, or the same refusal."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core import clock
from portal.core.errors import DomainError
from portal.imports.kinds import Given
from portal.imports.models import Decision, ImportBatch
from portal.org.walls.context import scoped_transaction
from residents.imports.arrivals import ArrivalChecker
from residents.services.people import IdentityInput
from residents.services.registration import StayInput, register_arrival
from tests.factories.residents import id_number

pytestmark = pytest.mark.django_db
ADULT, CHILD = date(1993, 3, 8), date(2020, 5, 1)
NAMES = st.sampled_from(["李秀英", "买买提·艾力", "王 芳", "J. Smith", "", "张3", "赵" * 51])
DAYS = st.integers(min_value=-400, max_value=30)


@given(
    name=NAMES,
    born=st.sampled_from([ADULT, CHILD]),
    wrong_digit=st.booleans(),
    phone=st.sampled_from(["13900001234", "", "12345", "０１３９"]),
    days=DAYS,
    until=st.one_of(st.none(), DAYS),
    lodging=st.sampled_from(["05", "01", "77", ""]),
    reason=st.sampled_from(["01", "06", "zz"]),
    remark=st.sampled_from(["", "房东证明"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_check_and_the_screen_accept_and_refuse_the_same_rows(importer, door, **cell):
    given_ = _cells(door, **cell)
    with scoped_transaction(importer):
        verdict = next(iter(ArrivalChecker(ImportBatch(owner=importer), importer).check([Given(2, {}, dict(given_))])))
        refusal = _screen(given_, door, importer)
    if refusal is None:
        assert verdict.decision == Decision.CREATE
    else:
        assert verdict.decision == Decision.ERROR
        assert (refusal.field, refusal.message) in {(one["column"], one["text"]) for one in verdict.problems}


def _cells(door, *, name, born, wrong_digit, phone, days, until, lodging, reason, remark):
    number = id_number(born=born, sequence=246)
    if wrong_digit:
        number = number[:-1] + ("0" if number[-1] != "0" else "1")
    today = clock.today()
    return {
        "name": name,
        "document_number": number,
        "phone": phone,
        "address": door.address,
        "arrived_on": today + timedelta(days=days),
        "planned_until": None if until is None else today + timedelta(days=until),
        "lodging": lodging,
        "reason": reason,
        "remark": remark,
        "channel": "import",
    }


def _screen(cells, door, user) -> DomainError | None:
    head = IdentityInput(
        document_kind="111", document_number=cells["document_number"], name=cells["name"], phone=cells["phone"]
    )
    stay = StayInput(
        dwelling_id=door.pk,
        **{name: cells[name] for name in ("arrived_on", "planned_until", "lodging", "reason", "remark", "channel")},
    )
    with transaction.atomic():
        try:
            register_arrival(head=head, stay=stay, submission_key="same", actor=user, imported=True)
        except DomainError as error:
            return error
        finally:
            transaction.set_rollback(True)
    return None


def test_a_refusal_that_is_remembered_keeps_no_row_in_memory(importer, door):
    cells = _cells(
        door, name="李秀英", born=ADULT, wrong_digit=False, phone="", days=5, until=None, lodging="05", reason="01",
        remark="",
    )  # fmt: skip
    with scoped_transaction(importer):
        checker = ArrivalChecker(ImportBatch(owner=importer), importer)
        rows = [next(iter(checker.check([Given(number, {}, dict(cells))]))) for number in (2, 3)]
    assert [row.decision for row in rows] == [Decision.ERROR, Decision.ERROR]
    assert rows[0].problems == rows[1].problems
    assert [refusal.__traceback__ for refusal in checker.judged.values()] == [None]
