from portal.ui.filters import AreaFilter, ScopedFilterSet
from residents.models import TransferRequest


class TransferFilter(ScopedFilterSet):
    area = AreaFilter()

    class Meta:
        model = TransferRequest
        fields = ["area"]
