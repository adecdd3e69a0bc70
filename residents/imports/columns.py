"""The columns of the templates: titles as on the ledgers, and how other systems and people call them."""

from collections.abc import Callable, Mapping

from portal.core import clock
from portal.imports.kinds import Column, Reader
from portal.policy import codes
from residents.choices import DiscoveredBy, DocumentKind, Sex

DOCUMENT_WORDS = {
    "居民身份证": DocumentKind.RESIDENT_ID.value,
    "身份证": DocumentKind.RESIDENT_ID.value,
    "户口簿": DocumentKind.HOUSEHOLD_BOOK.value,
    "护照": DocumentKind.PASSPORT.value,
    "台湾居民来往大陆通行证": DocumentKind.TAIWAN_PERMIT.value,
    "台胞证": DocumentKind.TAIWAN_PERMIT.value,
    "港澳居民来往内地通行证": DocumentKind.HK_MACAU_PERMIT.value,
    "回乡证": DocumentKind.HK_MACAU_PERMIT.value,
    "外国人永久居留身份证": DocumentKind.FOREIGN_PERMANENT.value,
    "港澳台居民居住证": DocumentKind.HMT_RESIDENCE.value,
}
SEX_WORDS = {"男": Sex.MALE.value, "女": Sex.FEMALE.value, "男性": Sex.MALE.value, "女性": Sex.FEMALE.value}
SEX_CODES = {Sex.MALE.value: Sex.MALE.value, Sex.FEMALE.value: Sex.FEMALE.value}
FOUND_WORDS = {
    "本人": DiscoveredBy.PERSON.value,
    "出租人": DiscoveredBy.LANDLORD.value,
    "房东": DiscoveredBy.LANDLORD.value,
    "用人单位": DiscoveredBy.EMPLOYER.value,
    "走访": DiscoveredBy.VISIT.value,
    "系统": DiscoveredBy.SYSTEM.value,
}
# What people write who never saw the table.
ALSO: dict[str, dict[str, str]] = {
    "dwelling_kind": {"出租房": "05", "出租屋": "05", "租房": "05", "旅馆": "01", "宿舍": "03", "工地": "04"},
    "stay_reason": {"打工": "01", "做工": "01", "经商办厂": "03", "读书": "06", "看病": "07"},
    "marital": {"已婚": "20", "离异": "40"},
    "dereg_reason": {"离开": "01", "离开本市": "01", "死亡": "04"},
    "education": {"大学": "20", "本科": "20", "大专": "30", "高中": "60", "初中": "70", "小学": "80", "研究生": "10"},
}


def table(name: str) -> Callable[[], Mapping[str, str]]:
    """Words and codes of the entries in use. Retired entries are refused like unknown ones."""

    def words() -> Mapping[str, str]:
        today = clock.today()
        used = [item for item in codes.items(name).values() if item.in_use(today)]
        known = {item.code for item in used}
        return (
            {item.name: item.code for item in used}
            | {item.code: item.code for item in used}
            | {word: code for word, code in ALSO.get(name, {}).items() if code in known}
        )

    return words


def fixed(*tables: Mapping[str, str]) -> Callable[[], Mapping[str, str]]:
    entries = {key: code for one in tables for key, code in one.items()}
    return lambda: entries | {code: code for code in entries.values()}


NAME = Column(
    key="name",
    title="姓名",
    synonyms=("人员姓名", "名字", "流动人口姓名", "xm", "name"),
    reads=Reader.TEXT,
    required=True,
    example="李秀英",
    width=12,
)
DOCUMENT = Column(
    key="document_number",
    title="证件号码",
    synonyms=("身份证号", "身份证号码", "公民身份号码", "身份证", "证件号", "居民身份证号码", "zjhm", "sfzh", "gmsfhm"),
    reads=Reader.NUMBER,
    required=True,
    example="520322199303082464",
    about="文本格式，18 位；15 位旧号自动升位",
    width=22,
    secret=True,
)
DOCUMENT_KIND = Column(
    key="document_kind",
    title="证件种类",
    synonyms=("证件类型", "证件类别", "zjlx", "zjzl"),
    reads=Reader.CODE,
    words=fixed(DOCUMENT_WORDS),
    example="居民身份证",
    about="不填按居民身份证",
    width=14,
)
SEX = Column(
    key="sex",
    title="性别",
    synonyms=("xb",),
    reads=Reader.CODE,
    words=fixed(SEX_WORDS, SEX_CODES),
    about="身份证号已含，可不填",
    width=7,
)
BORN = Column(
    key="birth_date",
    title="出生日期",
    synonyms=("出生年月日", "生日", "csrq"),
    reads=Reader.DAY,
    about="身份证号已含，可不填",
    width=12,
)
PHONE = Column(
    key="phone",
    title="联系电话",
    synonyms=("手机", "手机号", "手机号码", "电话", "联系方式", "lxdh", "sjhm"),
    reads=Reader.NUMBER,
    example="13900001234",
    width=15,
    secret=True,
)
ETHNICITY = Column(
    key="ethnicity",
    title="民族",
    synonyms=("mz",),
    reads=Reader.CODE,
    words=table("ethnicity"),
    width=8,
    secret=True,
)
NATIVE = Column(
    key="native_address",
    title="户籍地址",
    synonyms=("户籍地", "户口所在地", "户籍地详址", "户籍所在地", "hjdz"),
    reads=Reader.TEXT,
    width=30,
)
EDUCATION = Column(
    key="education", title="文化程度", synonyms=("学历",), reads=Reader.CODE, words=table("education"), width=12
)
MARITAL = Column(
    key="marital_status", title="婚姻状况", synonyms=("婚姻",), reads=Reader.CODE, words=table("marital"), width=10
)
MISMATCH = Column(
    key="mismatch_reason", title="与证号不一致原因", reads=Reader.TEXT, about="性别、生日与证号不符时必填", width=18
)
ADDRESS = Column(
    key="address",
    title="现住地址",
    synonyms=("现住址", "居住地址", "暂住地址", "居住地详址", "地址", "居住地", "xzdz", "jzdz"),
    required=True,
    example="锦绣花园3幢2单元501室",
    about="须是房屋台账中已有的地址，或填房屋编号",
    width=34,
)
COMMUNITY = Column(
    key="community",
    title="社区",
    synonyms=("村社", "所属社区", "居委会", "村居"),
    about="同一地址在几个社区都有时填写",
    width=16,
)
DWELLING_CODE = Column(key="dwelling_code", title="房屋编号", synonyms=("房屋编码", "门牌编号"), width=20)
ARRIVED = Column(
    key="arrived_on",
    title="入住日期",
    synonyms=("到达日期", "来本地日期", "暂住日期", "居住日期", "起始日期", "rzrq"),
    reads=Reader.DAY,
    required=True,
    example="2026-11-01",
    width=12,
)
LODGING = Column(
    key="lodging",
    title="居住处所",
    synonyms=("住所类型", "居住类型", "暂住处所"),
    reads=Reader.CODE,
    words=table("dwelling_kind"),
    required=True,
    example="租赁房屋",
    width=11,
)
REASON = Column(
    key="reason",
    title="居住事由",
    synonyms=("来本地原因", "暂住事由", "流入原因"),
    reads=Reader.CODE,
    words=table("stay_reason"),
    required=True,
    example="务工",
    width=10,
)
CHANNEL = Column(
    key="channel",
    title="登记方式",
    reads=Reader.CODE,
    words=table("channel"),
    about="不填按批量导入",
    width=12,
)
WORKPLACE = Column(
    key="workplace",
    title="服务处所",
    synonyms=("工作单位", "单位名称", "就业单位", "学校"),
    reads=Reader.TEXT,
    width=24,
)
OCCUPATION = Column(
    key="occupation", title="职业", synonyms=("从事工作",), reads=Reader.CODE, words=table("occupation"), width=14
)
UNTIL = Column(key="planned_until", title="拟居住至", synonyms=("拟离开日期", "到期日期"), reads=Reader.DAY, width=12)
REMARK = Column(key="remark", title="备注", synonyms=("说明",), reads=Reader.TEXT, width=20)

IDENTITY = (NAME, DOCUMENT, DOCUMENT_KIND, SEX, BORN, PHONE, ETHNICITY, NATIVE, EDUCATION, MARITAL, MISMATCH)
ARRIVAL = (
    *IDENTITY,
    ADDRESS,
    DWELLING_CODE,
    COMMUNITY,
    ARRIVED,
    LODGING,
    REASON,
    CHANNEL,
    WORKPLACE,
    OCCUPATION,
    UNTIL,
    REMARK,
)
