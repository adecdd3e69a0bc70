"""Fill the normalised address of every dwelling and give the doors with rooms their building."""

from collections import Counter, defaultdict

import pgtrigger
from django.db import migrations

from residents.services.addresses import address_key, building_key, floor_of

BATCH = 2000


def fill(apps, _schema_editor):
    dwellings = apps.get_model("residents", "Dwelling")
    buildings = apps.get_model("residents", "Building")
    known: dict[tuple[str, str], int] = {}
    with pgtrigger.ignore():
        for rows in batches(dwellings.objects.order_by("pk")):
            for row in rows:
                row.key = address_key(row.address)
            wanted = defaultdict(list)
            for row in rows:
                if row.building and row.room:
                    wanted[row.community_code, building_key(row.estate, row.building)].append(row)
            missing = [place for place in wanted if place not in known]
            made = buildings.objects.bulk_create(
                buildings(
                    area_code=Counter(row.area_code for row in wanted[place]).most_common(1)[0][0],
                    estate=wanted[place][0].estate,
                    number=wanted[place][0].building,
                    key=place[1],
                )
                for place in missing
            )
            known.update({place: row.pk for place, row in zip(missing, made, strict=True)})
            for place, doors in wanted.items():
                for row in doors:
                    row.stands_in_id = known[place]
            dwellings.objects.bulk_update(rows, ["key", "stands_in"], batch_size=500)
        measure(apps)


def measure(apps):
    """Floors and units as far as the doors tell."""
    buildings = apps.get_model("residents", "Building")
    doors = apps.get_model("residents", "Dwelling").objects.exclude(stands_in=None)
    floors: dict[int, int] = {}
    units: dict[int, set[str]] = defaultdict(set)
    for pk, unit, room in doors.values_list("stands_in", "unit", "room").iterator(BATCH):
        floors[pk] = max(floors.get(pk, 0), floor_of(room) or 0)
        units[pk].add(unit)
    for rows in batches(buildings.objects.order_by("pk")):
        for row in rows:
            row.floors = floors.get(row.pk) or None
            row.units = len(units[row.pk]) or None
        buildings.objects.bulk_update(rows, ["floors", "units"], batch_size=500)


def batches(rows):
    last = 0
    while found := list(rows.filter(pk__gt=last)[:BATCH]):
        last = found[-1].pk
        yield found


class Migration(migrations.Migration):
    dependencies = [("residents", "0012_dwellings_buildings")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
