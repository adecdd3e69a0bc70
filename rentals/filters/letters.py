from rentals.filters.registrations import RentalFilter


class LetterFilter(RentalFilter):
    class Meta(RentalFilter.Meta):
        fields = ["area", "landlord"]
