"""What /styleguide/ shows: invented values for every component. Nothing here reaches a real page."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from portal.ui.forms import DayField, IdNumberField, PortalForm, Section
from portal.ui.widgets import ComboInput, IdNumberInput, RadioChips

TONES = ("", "brand", "ok", "warn", "bad", "info", "vio", "o")


class SampleForm(PortalForm):
    """One field of every kind."""

    id_number = IdNumberField(label="居民身份证号", widget=IdNumberInput(fills={"sex": "sex", "birth": "birth"}))
    name = forms.CharField(label="姓名", max_length=50)
    sex = forms.ChoiceField(label="性别", choices=[("M", "男"), ("F", "女")], widget=RadioChips(joined=True))
    birth = forms.CharField(label="出生日期", required=False)
    phone = forms.CharField(label="手机号", max_length=11, help_text="11 位手机号")
    address = forms.CharField(label="现居住地址", widget=ComboInput("ui:palette", icon="map-pin"))
    arrived = DayField(label="到达日期")
    mode = forms.ChoiceField(
        label="居住方式",
        choices=[("1", "租赁"), ("2", "单位宿舍"), ("3", "自购"), ("4", "投靠亲友")],
        widget=RadioChips(),
    )
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    agreed = forms.BooleanField(label="已告知房东", required=False)

    sections = (
        Section("身份信息", ("id_number", "name", "sex", "birth", "phone")),
        Section("到达与居住", ("address", "arrived", "mode", "note", "agreed")),
    )
    columns = {
        "id_number": "c12",
        "name": "c3 m6",
        "sex": "c3 m6",
        "birth": "c3 m6",
        "phone": "c3 m6",
        "address": "c8",
        "arrived": "c4",
        "mode": "c12",
        "note": "c12",
        "agreed": "c12",
    }


def context() -> dict[str, Any]:
    return {
        "title": _("Style guide"),
        "tones": TONES,
        "form": SampleForm(),
        "bad_form": SampleForm({"name": "", "id_number": "52032219911312", "phone": "138"}),
        "tabs": [
            {"label": "待我审核", "url": "#t1", "count": 18, "current": True},
            {"label": "即将超时", "url": "#t2", "count": 5, "tone": "bad"},
            {"label": "已办结", "url": "#t3"},
        ],
        "chips": [{"label": "剩余 ≤ 5 天", "url": "?"}, {"label": "东明社区", "url": "?"}],
        "seg": [
            {"label": "今日", "url": "#d"},
            {"label": "本周", "url": "#w", "current": True},
            {"label": "本月", "url": "#m"},
        ],
        "kv": [("现住址", "锦绣花园 3 幢 2 单元 501"), ("登记日期", "2026-03-10"), ("工作单位", "恒达电子有限公司")],
        "timeline": [
            {"title": "社区受理", "by": "林晓燕", "at": "11-18 10:22", "state": "done"},
            {"title": "系统核验完成", "at": "11-18 10:23", "state": "done"},
            {"title": "派出所审核", "state": "now"},
            {"title": "制证发证"},
        ],
        "history": [
            {"year": "2026 年"},
            {
                "title": "居住证首次申领",
                "note": "材料 6/6",
                "at": "11-18 10:22",
                "by": "林晓燕",
                "icon": "id-card",
                "tone": "b1",
            },
            {
                "title": "入户走访，情况属实",
                "note": "在家 3 人",
                "at": "10-27 19:05",
                "by": "张志远",
                "icon": "footprints",
                "tone": "b4",
            },
        ],
        "checks": [
            {"label": "居住登记满 6 个月", "state": "ok", "note": "8 个月 12 天"},
            {"label": "房屋备案信息一致", "state": "warn", "note": "租期 2026-12-31 到期"},
            {"label": "无在效居住证", "state": "bad", "note": "已有一张"},
            {"label": "社保比对", "state": "wait", "note": "等待回复"},
        ],
        "steps": ["上传", "列匹配", "校验", "导入"],
        "rows": SAMPLE_ROWS,
        "charts": CHARTS,
    }


SAMPLE_ROWS = [
    dict(zip(("name", "masked", "kind", "area", "tone", "left", "pct"), values, strict=True))
    for values in (
        ("王建国", "411523********8629", "首次申领", "河西社区", "bad", "超时 1 天", 100),
        ("李秀英", "429004********4111", "签注", "东门社区", "bad", "剩 3 小时", 94),
        ("阿依古丽·买买提", "653022********3580", "换领", "锦绣社区", "warn", "剩 1 天", 78),
        ("赵振华", "429004********2034", "签注", "东门社区", "ok", "剩 8 天", 30),
    )
]

CHARTS: list[dict[str, Any]] = [
    {
        "kind": "trend",
        "ident": "c-trend",
        "label": "近七天到达登记、离开注销与在册人口",
        "data": {
            "x": ["11-16", "11-17", "11-18", "11-19", "11-20", "11-21", "11-22"],
            "bars": [
                {"name": "到达登记", "values": [38, 52, 61, 44, 70, 33, 20]},
                {"name": "离开注销", "values": [20, 31, 28, 30, 41, 18, 9]},
            ],
            "line": {"name": "在册人口", "values": [23401, 23422, 23455, 23469, 23498, 23513, 23524]},
            "unit": "人",
        },
        "columns": ["日期", "到达登记", "离开注销", "在册人口"],
        "rows": [["11-16", 38, 20, 23401], ["11-17", 52, 31, 23422], ["11-18", 61, 28, 23455]],
    },
    {
        "kind": "pyramid",
        "ident": "c-pyramid",
        "label": "在册人口年龄和性别构成",
        "data": {
            "ages": ["0–14", "15–24", "25–34", "35–44", "45–54", "55–64", "65+"],
            "left": {"name": "男", "values": [900, 2100, 3900, 2800, 1600, 700, 200]},
            "right": {"name": "女", "values": [850, 1900, 3500, 2300, 1300, 600, 240]},
            "unit": "人",
        },
    },
    {
        "kind": "ranked",
        "ident": "c-ranked",
        "label": "来源地前五名",
        "data": {"items": [["贵州省", 4200], ["江西省", 3100], ["河南省", 2300], ["四川省", 1900]], "unit": "人"},
    },
    {
        "kind": "sankey",
        "ident": "c-sankey",
        "label": "户籍省份到居住街道的人口流向",
        "data": {
            "left": ["贵州省", "江西省", "河南省"],
            "right": ["天马街道", "紫港街道"],
            "links": [
                ["贵州省", "天马街道", 2600],
                ["贵州省", "紫港街道", 1600],
                ["江西省", "天马街道", 1900],
                ["江西省", "紫港街道", 1200],
                ["河南省", "天马街道", 1400],
            ],
            "unit": "人",
        },
    },
    {
        "kind": "treemap",
        "ident": "c-treemap",
        "label": "各社区在册人数与走访完成率",
        "data": {
            "items": [
                ["开发区社区", 5120, 68.0],
                ["锦绣社区", 4286, 91.2],
                ["东门社区", 3650, 84.0],
                ["河西社区", 1200, 76.0],
            ],
            "value": "在册",
            "rate": "走访完成率",
            "unit": "人",
        },
    },
    {
        "kind": "pie",
        "ident": "c-pie",
        "label": "居住方式构成",
        "data": {"items": [["租赁", 14200], ["单位宿舍", 5300], ["自购", 2600], ["其他", 1400]], "unit": "人"},
    },
    {
        "kind": "bars",
        "ident": "c-bars",
        "label": "各街道登记与注销",
        "data": {
            "x": ["天马街道", "紫港街道", "金川街道"],
            "series": [{"name": "登记", "values": [320, 210, 150]}, {"name": "注销", "values": [180, 120, 90]}],
            "unit": "人",
            "stack": False,
        },
    },
]
