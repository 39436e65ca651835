"""The home page as a parent meets it."""

from conftest import on_both
from flask.testing import FlaskClient


@on_both
def test_home_lists_the_nearest_to_the_exam_site(client: FlaskClient) -> None:
    page = client.get("/?site=KD0108-12")
    assert page.status_code == 200
    assert page.text.count('class="station-card"') == 5
    assert "Set-Cookie" not in page.headers
    assert "Cookie" not in page.headers.get("Vary", "")


def test_home_offers_a_choice_for_a_name_that_is_confused(client: FlaskClient) -> None:
    page = client.get("/?q=shiyi")
    assert page.status_code == 200
    assert "KD0108-12" in page.text
    assert "KD0101-03" in page.text
