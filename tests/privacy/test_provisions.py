"""PIPL art. 23, Network Data Regulations art. 12, digest P8: nothing leaves without a record of it."""

import hashlib
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction

from portal.audit.models import AccessEvent
from portal.core.errors import DomainError
from portal.exchange.jobs import write_ledger
from portal.exchange.ledgers import ledger_of
from portal.exchange.models import ProvisionRecord
from portal.exchange.provisions import record_provision
from portal.exchange.services import default_order, request_ledger
from residents.models import Permit, Person, Registration
from residents.services.permits.face import face_of
from residents.services.restriction import restrict_use
from tests.factories.org import StaffFactory
from tests.factories.permits import PermitFactory
from tests.factories.residents import RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def exporter(staff):
    user = staff(Person, "view", "export", "restrict", "see_restricted", role="police")
    return staff(Registration, "view", user=user)


def ordered(actor, **changes):
    order = default_order(ledger_of("L1"), actor=actor)
    return request_ledger(order=order, actor=actor, **{"reason": "年度核对"} | changes)


def test_P8_a_file_has_its_record_with_hash_recipient_and_kinds(exporter):
    RegistrationFactory.create()
    job, out = ordered(exporter, recipient="常山县统计局", is_outward=True), BytesIO()
    write_ledger(job, out)
    (record,) = ProvisionRecord.objects.all()
    assert (record.recipient_kind, record.recipient, record.purpose) == ("outside", "常山县统计局", "年度核对")
    assert record.legal_basis == "《浙江省流动人口居住登记条例》"
    assert "证件号码" in record.data_kinds
    assert record.sha256 == hashlib.sha256(out.getvalue()).hexdigest()
    assert (record.row_count, record.reference, record.actor) == (1, str(job.pk), exporter)


def test_P8_a_file_for_the_own_department_names_it(exporter):
    RegistrationFactory.create()
    write_ledger(ordered(exporter), BytesIO())
    record = ProvisionRecord.objects.get()
    assert (record.recipient_kind, record.recipient) == ("inside", str(exporter.department))


def test_F4_the_access_log_says_whose_data_a_file_held(exporter):
    stays = [RegistrationFactory.create() for _n in range(3)]
    held = RegistrationFactory.create()
    restrict_use(person_id=held.person_id, reason="本人申请", actor=exporter)
    write_ledger(ordered(exporter), BytesIO())
    looked = AccessEvent.objects.filter(action="export", purpose="ledger L1").latest("pk")
    assert sorted(looked.person_ids) == sorted(stay.person_id for stay in stays)


@pytest.mark.parametrize(("missing", "field"), [("recipient", "recipient"), ("purpose", "reason_text")])
def test_P8_without_recipient_or_purpose_there_is_no_file(missing, field):
    given = {"recipient": "统计局", "purpose": "核对", "legal_basis": "《统计法》"} | {missing: " "}
    with pytest.raises(DomainError) as refused:
        record_provision(
            form="file",
            title="台账",
            recipient_kind="outside",
            data_kinds=["姓名"],
            actor=StaffFactory.create(),
            **given,
        )
    assert refused.value.field == field


@pytest.mark.parametrize("missing", ["recipient", "purpose", "legal_basis"])
def test_P8_the_database_itself_refuses_a_record_that_says_nothing(missing):
    values = {"recipient": "统计局", "purpose": "核对", "legal_basis": "《统计法》"} | {missing: ""}
    with pytest.raises(IntegrityError), transaction.atomic():
        ProvisionRecord.objects.create(
            form="file",
            title="台账",
            recipient_kind="outside",
            data_kinds=["姓名"],
            actor=StaffFactory.create(),
            **values,
        )


def test_P8_a_printed_card_is_recorded_like_a_file(staff):
    permit = PermitFactory.create()
    officer = staff(Permit, "view", "print", role="police", at=permit.area_code)
    staff(Person, "view", "reveal", user=officer, at=permit.area_code)
    face_of(permit_id=permit.pk, actor=officer)
    record = ProvisionRecord.objects.get()
    assert (record.form, record.recipient_kind, record.reference) == ("paper", "person", permit.number)
    assert record.full_numbers is True
