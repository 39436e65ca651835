"""A track as GPX, read back."""

from datetime import UTC, datetime, timedelta

from defusedxml import ElementTree

from stations.feeds.gpx import TrackPoint, write_gpx

START = datetime(2027, 6, 7, tzinfo=UTC)
GPX = "{http://www.topografix.com/GPX/1/1}"


def test_gpx_breaks_where_nothing_was_heard() -> None:
    minutes = (0, 1, 6, 12, 13)
    points = [TrackPoint(START + timedelta(minutes=m), 39.9, 116.3 + m / 1000) for m in minutes]
    read = ElementTree.fromstring(write_gpx("V010", points))
    segments = read.findall(f"{GPX}trk/{GPX}trkseg")
    assert [len(segment) for segment in segments] == [3, 2]
    assert segments[1][0].get("lon") == "116.312000"
    assert segments[1][0][0].text == "2027-06-07T00:12:00Z"


def test_gpx_takes_any_name_and_no_points() -> None:
    read = ElementTree.fromstring(write_gpx("<京A&\x00\ud800>", []))
    assert read.find(f"{GPX}trk/{GPX}name").text == "<京A&>"
    assert read.findall(f"{GPX}trk/{GPX}trkseg") == []
