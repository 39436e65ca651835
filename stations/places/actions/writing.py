"""What every change of a place shares."""

from stations.kernel.errors import Invalid
from stations.kernel.text import _
from stations.places.queries.loading import find_district


def get_district_code(name: str) -> str:
    """The code of a district by its name."""
    district = find_district(name)
    if district is None:
        raise Invalid("district.unknown", _("There is no district %(name)s.", name=name), field="district")
    return district.code
