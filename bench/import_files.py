"""The file of the bench: mostly good rows, and every kind of error that people send, in a known number."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from django.db.models import Count
from stdnum.cn import ric

from portal.core import clock
from residents.models import Dwelling

TITLES = (
    "姓名",
    "证件号码",
    "联系电话",
    "现住地址",
    "入住日期",
    "居住处所",
    "居住事由",
    "服务处所",
    "文化程度",
    "备注",
)
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高", "秀英建国芳娟敏静丽强磊军洋勇艳杰涛明超兰霞平刚桂"
DIVISION = "522324"
TWICE = 93
DOORS = 4_000
BAD_EVERY = 100  # of a hundred rows ten are wrong, each in a way of its own


def write(path: Path, rows: int) -> dict[str, int]:
    """Returns how many rows of each outcome the file must end in."""
    known = Dwelling.objects.filter(county_code="330822", merged_into=None).values_list("address", flat=True)
    alone = known.order_by("address").annotate(times=Count("pk")).filter(times=1)  # no other community has it
    doors = list(alone[:DOORS])
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet("名册")
    sheet.write_row(0, 0, ["2026 年流动人口名册"])
    for at, title in enumerate(TITLES):
        sheet.write_string(2, at, title)
    rejected = skipped = 0
    for number, (row, kind) in enumerate(people(rows, doors), start=3):
        rejected += kind == "wrong"
        skipped += kind == "twice"
        for at, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, at, value)
            else:
                sheet.write_number(number, at, value)
    book.close()
    return {"read": rows, "created": rows - rejected - skipped, "rejected": rejected, "skipped": skipped}


def people(rows: int, doors: list[str]) -> Iterator[tuple[list[Any], str]]:
    seed, today = random.Random(7), clock.today()
    last: list[Any] = []
    for at in range(rows):
        born = date(1950, 1, 1) + timedelta(days=at % 18_000)
        body = f"{DIVISION}{born:%Y%m%d}{at // 18_000 * 7 + 11:03d}"
        name = seed.choice(SURNAMES) + "".join(seed.choices(GIVEN, k=2)) + GIVEN[at // 18_000 % len(GIVEN)]
        row: list[Any] = [
            name,
            body + ric.calc_check_digit(body + "0"),
            f"139{at:08d}",
            doors[at % len(doors)],
            (today - timedelta(days=at % 25)).isoformat(),
            "租赁房屋",
            "务工",
            "浙江某某轴承有限公司" if at % 3 else "",
            "初中毕业",
            "",
        ]
        kind = spoil(row, at % BAD_EVERY, last)
        last = row
        yield row, kind


def spoil(row: list[Any], place: int, last: list[Any]) -> str:
    """Ten of a hundred rows are wrong, ten more are odd and all the same right."""
    wrong: dict[int, tuple[int, Any]] = {
        3: (1, row[1][:-1] + ("0" if row[1][-1] != "0" else "1")),
        13: (1, 5.22324195001e17),
        23: (0, ""),
        33: (3, "没有的小区 9 幢 9 室"),
        43: (4, "去年三月"),
        53: (5, "山洞"),
        63: (2, "12345"),
        73: (4, "2099-01-01"),
        83: (6, ""),
    }
    odd = {5: (4, row[4].replace("-", "/")), 15: (4, row[4].replace("-", "")), 25: (5, "05"), 35: (0, f" {row[0]} ")}
    if place in wrong:
        at, value = wrong[place]
        row[at] = value
        return "wrong"
    if place == TWICE and last:
        row[1], row[0] = last[1], last[0]
        return "twice"
    if place in odd:
        at, value = odd[place]
        row[at] = value
    return "good"
