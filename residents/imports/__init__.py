"""What the register takes from workbooks; `portal.imports` finds it when the server starts."""

from portal.imports.kinds import register_kind, register_source
from residents.imports import kept, mapped
from residents.imports.addresses import Addresses
from residents.imports.companions import Companions
from residents.imports.departures import Departures
from residents.imports.registrations import Registrations

for kind in (Registrations(), Companions(), Addresses(), Departures(), *mapped.load()):
    register_kind(kind)
register_source(kept.KEPT)
