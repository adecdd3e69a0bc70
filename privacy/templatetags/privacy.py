from django import template

from portal.policy.choices import Unit

register = template.Library()


@register.filter
def unit_name(unit: str) -> str:
    """The unit of a rule in words: years, working days …"""
    return str(Unit(unit).label)
