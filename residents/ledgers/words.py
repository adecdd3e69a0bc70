"""The official Chinese words of the forms, whatever the language of the screen."""

from collections.abc import Iterator

from portal.policy import codes
from residents.choices import (
    ApplicationKind,
    ApplicationStatus,
    ChangeKind,
    DiscoveredBy,
    Ground,
    PermitStatus,
    RegistrationStatus,
    SampleOutcome,
    SamplingMethod,
    VisitResult,
)

SEX = [("0", "未知"), ("1", "男"), ("2", "女"), ("9", "未说明")]
STATUS = [
    (RegistrationStatus.ACTIVE.value, "在住"),
    (RegistrationStatus.LEFT.value, "已离开"),
    (RegistrationStatus.VOID.value, "已撤销"),
]
CHANGE = [
    (ChangeKind.ARRIVAL.value, "新增"),
    (ChangeKind.RENEWAL.value, "新增（续登）"),
    (ChangeKind.ADDRESS.value, "变更（居住地址）"),
    (ChangeKind.WORKPLACE.value, "变更（服务处所）"),
    (ChangeKind.CORRECTION.value, "变更（更正）"),
    (ChangeKind.DEPARTURE.value, "注销"),
    (ChangeKind.RESTORE.value, "恢复"),
    (ChangeKind.UNDO.value, "撤销"),
]
DISCOVERY = [
    (DiscoveredBy.PERSON.value, "本人"),
    (DiscoveredBy.LANDLORD.value, "房东"),
    (DiscoveredBy.EMPLOYER.value, "单位"),
    (DiscoveredBy.VISIT.value, "上门"),
    (DiscoveredBy.SYSTEM.value, "系统"),
]
VISIT = [
    (VisitResult.PRESENT.value, "在住"),
    (VisitResult.MOVED.value, "县内搬迁"),
    (VisitResult.LEFT.value, "已离开"),
    (VisitResult.ABSENT.value, "未遇"),
]
GROUND = [
    (Ground.JOB.value, "合法稳定就业"),
    (Ground.DWELLING.value, "合法稳定住所"),
    (Ground.SCHOOLING.value, "连续就读"),
]
BUSINESS = [
    (ApplicationKind.FIRST.value, "首次申领"),
    (ApplicationKind.DAMAGED.value, "换领"),
    (ApplicationKind.LOST.value, "补领"),
]
FILE_STATUS = [
    (ApplicationStatus.RETURNED.value, "待补正"),
    (ApplicationStatus.ACCEPTED.value, "审核中"),
    (ApplicationStatus.REVIEWED.value, "待签发"),
    (ApplicationStatus.ISSUED.value, "待领证"),
    (ApplicationStatus.DELIVERED.value, "已办结"),
    (ApplicationStatus.REJECTED.value, "不予受理"),
    (ApplicationStatus.WITHDRAWN.value, "已撤回"),
]
PERMIT_STATUS = [
    (PermitStatus.ACTIVE.value, "有效"),
    (PermitStatus.SUSPENDED.value, "功能中止"),
    (PermitStatus.TERMINATED.value, "已终止"),
]


METHOD = [(SamplingMethod.DOORS.value, "顺查（由户到册）"), (SamplingMethod.RECORDS.value, "倒查（由册到户）")]
SAMPLE = [
    (SampleOutcome.OPEN.value, "待核查"),
    (SampleOutcome.CHECKED.value, "已核查"),
    (SampleOutcome.UNREACHED.value, "未见到人"),
]
SAMPLE_ITEMS = {
    "name": "姓名",
    "document": "证件号码",
    "phone": "联系电话",
    "dwelling": "住址",
    "arrived_on": "入住日期",
    "reason": "居住事由",
    "workplace": "服务处所",
}


class Names:
    """The (code, official name) pairs of a code table, read anew each time a ledger is made."""

    def __init__(self, table: str) -> None:
        self.table = table

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter([(item.code, item.name) for item in codes.items(self.table).values()])
