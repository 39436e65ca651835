"""What is due in the national system, until a sheet holds it."""

from datetime import UTC, date, datetime, timedelta

from stations.shifts.rules.recording import Sheet, list_due

MONDAY, TUESDAY = date(2026, 6, 8), date(2026, 6, 9)  # a year whose days off are known; the 19th is one


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_days_are_due_ten_working_days_on_and_reminded_of_two_before() -> None:
    first, second = list_due([(TUESDAY, at(TUESDAY, 9)), (MONDAY, at(MONDAY, 9)), (MONDAY, at(MONDAY, 12))], [])
    assert (first.day, first.attendances, first.deadline) == (MONDAY, 2, (date(2026, 6, 23), False))
    assert (second.day, second.attendances, second.deadline.day) == (TUESDAY, 1, date(2026, 6, 24))
    assert first.remind_on == date(2026, 6, 18)
    assert [first.is_near(first.remind_on - timedelta(days=1)), first.is_near(first.remind_on)] == [False, True]
    assert [first.is_over(first.deadline.day), first.is_over(first.deadline.day + timedelta(days=1))] == [False, True]


def test_what_a_sheet_held_is_no_longer_due_but_what_came_after_it_is() -> None:
    served = [(MONDAY, at(MONDAY, 9)), (MONDAY, at(MONDAY, 12)), (TUESDAY, at(TUESDAY, 9))]
    (left, other) = list_due(served, [Sheet(at(MONDAY, 10), MONDAY, TUESDAY)])
    assert (left.day, left.attendances, other.day) == (MONDAY, 1, TUESDAY)
    assert list_due(served, [Sheet(at(TUESDAY, 10), MONDAY, TUESDAY)]) == []
    assert [one.day for one in list_due(served, [Sheet(at(TUESDAY, 10), TUESDAY, TUESDAY)])] == [MONDAY]
