from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaLevel(models.TextChoices):
    """Levels of the statistics code: 2 + 2 + 2 + 3 + 3 digits, and 3 more for a grid."""

    PROVINCE = "province", _("Province")
    PREFECTURE = "prefecture", _("Prefecture")
    COUNTY = "county", _("County")
    TOWNSHIP = "township", _("Township")
    COMMUNITY = "community", _("Community")
    GRID = "grid", _("Grid")


CODE_LENGTHS = {
    2: AreaLevel.PROVINCE,
    4: AreaLevel.PREFECTURE,
    6: AreaLevel.COUNTY,
    9: AreaLevel.TOWNSHIP,
    12: AreaLevel.COMMUNITY,
    15: AreaLevel.GRID,
}


class Duty(models.TextChoices):
    """What a department answers for. Modules belong to a duty, never to a department's name."""

    POLICE = "police", _("Police")
    HOUSING = "housing", _("Housing")
    FIRE = "fire", _("Fire and rescue")
    MARKET = "market", _("Market supervision")
    LABOUR = "labour", _("Labour")
    EDUCATION = "education", _("Education")
    HEALTH = "health", _("Health and family services")
    CIVIL = "civil", _("Civil affairs")
    JUSTICE = "justice", _("Justice")
    OFFICE = "office", _("Leading-group office")
    STATION = "station", _("Service station")
    LEADERSHIP = "leadership", _("Leadership")
    ADMINISTRATION = "administration", _("Administration")
