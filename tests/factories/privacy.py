from datetime import date

import factory
from factory.django import DjangoModelFactory

from privacy.choices import Basis, RequestKind
from privacy.models import ProcessingActivity, SubjectRequest
from tests.factories.org import StaffFactory
from tests.factories.residents import RegistrationFactory


class ActivityFactory(DjangoModelFactory[ProcessingActivity]):
    class Meta:
        model = ProcessingActivity
        django_get_or_create = ("code",)

    code = "health_services"
    name = "健康和家庭服务"
    purpose = "预约预防接种"
    basis = Basis.CONSENT
    law = "《个人信息保护法》第二十九条"
    data_kinds = "预约和随访情况"
    data_classes = factory.LazyFunction(lambda: ["C4"])
    retention_rule = "retention.after_deregistration_years"
    valid_from = date(2021, 11, 1)


class RequestFactory(DjangoModelFactory[SubjectRequest]):
    """Received on Friday 20 November 2026, due on 11 December: fifteen working days later."""

    class Meta:
        model = SubjectRequest

    person = factory.LazyFunction(lambda: RegistrationFactory.create().person)
    area_code = factory.LazyAttribute(lambda request: request.person.area_code)
    number = factory.Sequence(lambda n: f"330822Q2026{900000 + n}")
    kind = RequestKind.SEE
    received_on = date(2026, 11, 20)
    due_on = date(2026, 12, 11)
    registrar = factory.SubFactory(StaffFactory)
