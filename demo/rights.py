"""Requests of persons, consents and records of data handed on, so that every page has something to show."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from portal.core import clock
from portal.exchange.provisions import record_provision
from portal.org.middleware import scoped_transaction
from portal.org.models import User
from portal.policy.working_days import add_workdays
from privacy.choices import ConsentForm, Requester, RequestKind
from privacy.models import SubjectRequest
from privacy.services import consents, requests
from privacy.services.activities import load_activities
from privacy.services.requests import RequestInput
from residents.choices import RegistrationStatus
from residents.models import Person, Registration

CLERK, HANDLER, STATISTICIAN = "coadmin", "police", "clerk"
WISHES = (
    (RequestKind.SEE, "", 1, "received"),
    (RequestKind.CORRECT, "姓名中的“建”应为“健”，身份证为准。", 3, "checked"),
    (RequestKind.COPY, "", 13, "started"),
    (RequestKind.RESTRICT, "对登记地址有异议，核实前请不要使用。", 6, "started"),
    (RequestKind.EXPLAIN, "为什么登记时要填写工作单位？", 18, "answered"),
    (RequestKind.DELETE, "已回老家，请删除我的信息。", 9, "refused"),
)
HANDED_ON = (
    ("流动人口台账", "outside", "常山县统计局", "年度人口统计核对", 1320),
    ("居住证业务台账", "inside", "", "季度工作例会", 214),
    ("流动人口台账", "outside", "天马街道办事处", "出租房屋安全检查", 96),
)


def fill_rights() -> None:
    """Repeatable: nothing is added when there are requests already."""
    load_activities()
    if SubjectRequest.objects.exists():
        return
    people = _people()
    for (kind, wish, age, state), person in zip(WISHES, people, strict=False):
        _request(person, kind, wish, age=age, state=state)
    _consents(people)
    _handed_on()


def _people() -> Iterator[Person]:
    """Grown-ups in residence in the community of the first account; a tiny county has fewer than are asked for."""
    clerk = User.objects.get(username=CLERK)
    born_before = clock.today() - timedelta(days=365 * 20)
    stays = Registration.objects.filter(
        area_code__startswith=clerk.area_code, status=RegistrationStatus.ACTIVE, person__birth_date__lt=born_before
    )
    yield from (stay.person for stay in stays.select_related("person").order_by("pk")[:20])


def _request(person: Person, kind: str, wish: str, *, age: int, state: str) -> None:
    """`age` is in working days: the clock of the page counts those."""
    clerk, handler = (User.objects.get(username=name) for name in (CLERK, HANDLER))
    given = RequestInput(kind=kind, wish=wish, requester=Requester.SELF, received_on=_workdays_ago(age))
    with scoped_transaction(clerk):
        row = requests.receive_request(person_id=person.pk, given=given, actor=clerk)
    with scoped_transaction(handler):
        if state in {"checked", "started", "answered"}:
            row = requests.check_identity(request_id=row.pk, means="窗口查验居民身份证", version=1, actor=handler)
        if state in {"started", "answered"}:
            row = requests.start_work(request_id=row.pk, version=row.version, actor=handler)
        if state == "answered":
            text = "工作单位是条例规定的登记内容，用于就业服务和居住证办理，保存至注销登记后两年。"
            requests.answer(request_id=row.pk, text=text, version=row.version, actor=handler)
        if state == "refused":
            reason = "居住登记仍在有效期内，依法应当保存；离开本县请先办理注销登记。"
            requests.refuse(request_id=row.pk, reason=reason, version=row.version, actor=handler)


def _workdays_ago(count: int) -> date:
    today = clock.today()
    day = today
    while add_workdays(day, count) > today:
        day -= timedelta(days=1)
    return day


def _consents(people: Iterator[Person]) -> None:
    clerk = User.objects.get(username=CLERK)
    answers = [("given", "service_messages"), ("given", "health_services"), ("refused", "service_messages")]
    with scoped_transaction(clerk):
        for (answer, code), person in zip(answers, people, strict=False):
            kept: dict[str, Any] = {"person_id": person.pk, "activity_code": code, "actor": clerk}
            kept["told"] = ConsentForm.SPOKEN
            if answer == "given":
                consents.give_consent(**kept)
            else:
                consents.refuse_consent(**kept)


def _handed_on() -> None:
    clerk = User.objects.get(username=STATISTICIAN)
    with scoped_transaction(clerk):
        for title, kind, recipient, purpose, rows in HANDED_ON:
            record_provision(
                form="file",
                title=title,
                recipient_kind=kind,
                recipient=recipient,
                purpose=purpose,
                legal_basis="《浙江省流动人口居住登记条例》",
                data_kinds=["姓名", "性别", "出生日期", "证件号码", "现住地址", "居住事由", "登记日期"],
                row_count=rows,
                actor=clerk,
            )
