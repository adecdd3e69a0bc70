from django import template

from portal.accounts.sso.provider import LABELS, switched_on

register = template.Library()


@register.simple_tag
def sso_choices() -> list[tuple[str, str]]:
    """(key, label) of the providers that are switched on."""
    return [(key, str(LABELS[key])) for key in switched_on()]
