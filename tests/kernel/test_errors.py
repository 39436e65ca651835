"""Refusals."""

import pytest

from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.kernel.text import _


@pytest.mark.parametrize(("kind", "status"), [(Refused, 409), (NotFound, 404), (Invalid, 400), (Forbidden, 403)])
def test_a_refusal_carries_code_message_field_and_status(kind: type[Refused], status: int) -> None:
    refused = kind("station.closed", _("Closed"), field="state")
    assert isinstance(refused, Refused)
    assert (refused.code, str(refused.message), refused.field, refused.status) == (
        "station.closed", "Closed", "state", status,
    )  # fmt: skip
    assert str(refused) == "station.closed"


def test_a_refusal_may_have_a_status_of_its_own() -> None:
    assert Refused("a.b", _("No"), status=422).status == 422
    assert Refused.status == 409
