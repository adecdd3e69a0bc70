"""The columns of an old ledger of rented homes: titles as on ledger L4, so that an export of it can be read again."""

from portal.imports.kinds import Column, Reader
from rentals.choices import Gas, LandlordKind, Letting
from residents.imports.columns import COMMUNITY, DOCUMENT_KIND, fixed, table

LANDLORD_WORDS = {"个人": LandlordKind.PERSON.value, "单位": LandlordKind.ORGANISATION.value}
ALSO_LANDLORD = {"企业": LandlordKind.ORGANISATION.value, "私人": LandlordKind.PERSON.value}
LETTING_WORDS = {"整套": Letting.WHOLE.value, "按间": Letting.ROOMS.value, "按床位": Letting.BEDS.value}
ALSO_LETTING = {"整租": Letting.WHOLE.value, "合租": Letting.ROOMS.value, "分租": Letting.ROOMS.value}
GAS_WORDS = {"无": Gas.NONE.value, "管道": Gas.PIPED.value, "瓶装": Gas.BOTTLED.value}
ALSO_GAS = {"管道燃气": Gas.PIPED.value, "液化气": Gas.BOTTLED.value, "瓶装燃气": Gas.BOTTLED.value}


def _coded(key: str, title: str, code_table: str, example: str, *synonyms: str, required: bool = True) -> Column:
    return Column(
        key=key,
        title=title,
        synonyms=synonyms,
        reads=Reader.CODE,
        words=table(code_table),
        required=required,
        example=example,
        width=14,
    )


COLUMNS = (
    Column(
        key="address",
        title="房屋坐落",
        synonyms=("地址", "房屋地址", "现住地址", "出租房地址"),
        required=True,
        example="锦绣花园3幢2单元501室",
        about="须是房屋台账中已有的地址，或填房屋编号",
        width=34,
    ),
    Column(key="dwelling_code", title="房屋编号", synonyms=("房屋编码", "门牌编号"), width=20),
    COMMUNITY,
    Column(
        key="landlord_kind",
        title="出租人类型",
        reads=Reader.CODE,
        words=fixed(LANDLORD_WORDS | ALSO_LANDLORD),
        example="个人",
        about="不填按个人",
        width=11,
    ),
    Column(
        key="landlord_name",
        title="出租人",
        synonyms=("房东", "房东姓名", "房主", "出租人姓名"),
        reads=Reader.TEXT,
        required=True,
        example="陈国强",
        width=18,
    ),
    DOCUMENT_KIND,
    Column(
        key="document_number",
        title="证件号码",
        synonyms=("身份证号", "身份证号码", "房东身份证", "统一社会信用代码"),
        reads=Reader.NUMBER,
        required=True,
        example="330822196802030770",
        about="单位填统一社会信用代码",
        width=22,
        secret=True,
    ),
    Column(
        key="landlord_phone",
        title="联系电话",
        synonyms=("手机", "手机号", "电话", "房东电话", "出租人电话"),
        reads=Reader.NUMBER,
        required=True,
        example="13957000001",
        width=15,
        secret=True,
    ),
    Column(key="agent_name", title="代管人", synonyms=("管理人", "中介"), reads=Reader.TEXT, width=14),
    Column(key="agent_phone", title="代管人电话", reads=Reader.NUMBER, width=15, secret=True),
    _coded("ownership", "产权性质", "property_kind", "私房", "房屋性质"),
    _coded("title_kind", "产权证明", "title_proof", "不动产权证书", "产权证明种类"),
    Column(
        key="title_number",
        title="证明编号",
        synonyms=("产权证号", "不动产权证号", "房产证号"),
        required=True,
        example="浙（2019）常山县不动产权第0001号",
        width=28,
    ),
    _coded("structure", "房屋结构", "house_structure", "混合结构", "结构"),
    _coded("planned_use", "规划用途", "house_use", "住宅", "用途", "批准用途"),
    Column(
        key="floor_area",
        title="出租面积（m²）",
        synonyms=("出租面积", "面积", "建筑面积"),
        required=True,
        example="90",
        width=13,
    ),
    Column(key="rooms_total", title="总间数", synonyms=("房间数", "间数"), reads=Reader.WHOLE, required=True, width=8),
    Column(key="rooms_let", title="出租间数", reads=Reader.WHOLE, about="不填按总间数", width=9),
    Column(
        key="letting",
        title="出租方式",
        reads=Reader.CODE,
        words=fixed(LETTING_WORDS | ALSO_LETTING),
        required=True,
        example="整套",
        width=10,
    ),
    Column(
        key="spaces", title="出租部位", synonyms=("出租房间",), about="按间、按床位出租时填写，用顿号隔开", width=20
    ),
    Column(
        key="let_from",
        title="出租起始",
        synonyms=("起租日期", "出租日期"),
        reads=Reader.DAY,
        required=True,
        example="2026-03-01",
        width=12,
    ),
    Column(key="let_to", title="出租截止", synonyms=("到期日期",), reads=Reader.DAY, width=12),
    Column(key="fire_passage", title="消防通道畅通", reads=Reader.TRUTH, width=12),
    Column(key="safety_exit", title="安全出口", reads=Reader.TRUTH, width=10),
    Column(
        key="gas",
        title="燃气",
        synonyms=("燃气类型",),
        reads=Reader.CODE,
        words=fixed(GAS_WORDS | ALSO_GAS),
        required=True,
        example="管道",
        width=8,
    ),
    _coded("danger_grade", "危险等级", "danger_grade", "", "房屋安全等级", required=False),
    Column(key="self_built", title="无证自建", synonyms=("自建房",), reads=Reader.TRUTH, width=10),
    Column(key="appraisal_number", title="安全鉴定编号", synonyms=("鉴定报告编号",), width=18),
    Column(
        key="registered_on",
        title="登记日期",
        reads=Reader.DAY,
        about="原登记的日期，不填按出租起始",
        example="2026-03-02",
        width=12,
    ),
)
