"""Forms of accounts: an organization, as a page or a row of a sheet."""

from stations.accounts.rules import ORGANIZATION_KINDS, OrganizationOrder
from stations.kernel.forms import CellField, CellForm, choice_reader, read_code, text_reader
from stations.kernel.text import _

KIND_WORDS = {
    "总工会": "union_federation",
    "产业工会": "industrial_union",
    "区县工会": "district_union",
    "基层工会": "grassroots_union",
    "企业": "company",
    "公司": "company",
}


class OrganizationForm(CellForm):
    """An organization."""

    code = CellField(_("Code"), read_code, is_required=True)
    name = CellField(_("Name"), text_reader(80), is_required=True)
    name_en = CellField(_("English name"), text_reader(80))
    kind = CellField(_("Kind"), choice_reader(ORGANIZATION_KINDS, KIND_WORDS), is_required=True)
    parent = CellField(_("Above it"), read_code, hint=_("Code of the organization above; empty for the topmost"))

    def order(self) -> OrganizationOrder:
        """The order that a valid form gives."""
        value = {name: value or "" for name, value in self.values.items()}
        return OrganizationOrder(**value)
