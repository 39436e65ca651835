"""Make the talks that were counted before the demonstration begins: who talked, of what, where, and who counted it.

Run as `python data/make_demo_talks.py` after `make_demo_roster.py`. Seeded: the same sheets give the same bytes.
"""

import csv
import random
from pathlib import Path

DEMO = Path(__file__).resolve().parent / "demo"
SEED = 20270607
LEAD, LEADS_STATION = "lead", "GH-HD-01"
BEGIN, COUNSELLORS_BEGIN, END = 6 * 60 + 40, 7 * 60 + 30, 7 * 60 + 40  # minutes of the day
LEADS_TALKS, MOST_TALKS = 16, 4
# Six in ten are of the exam, as a youth line reports; early in the morning it is examinees rather than parents.
TOPICS = {"exam_anxiety": 60, "sleep": 14, "family": 10, "health": 8, "relations": 4, "other": 4}
WHO = {"examinee": 60, "parent": 40}


def main() -> None:
    """Write `demo/talks.csv`."""
    rng = random.Random(SEED)  # noqa: S311 (a demonstration, not a secret)
    with (DEMO / "roster.csv").open(encoding="utf-8", newline="") as lines:
        posts = {
            (row["staff_no"], row["station"])
            for row in csv.DictReader(lines)
            if row["skill"] == "counsellor" and row["session"] == "S01" and row["what"] in ("admin", "lead", "sign_up")
        }
    talks = [(rng.randrange(BEGIN, END), LEADS_STATION, LEAD) for _talk in range(LEADS_TALKS)]
    for staff_no, station in sorted(posts):
        talks += [
            (rng.randrange(COUNSELLORS_BEGIN, END), station, staff_no) for _talk in range(rng.randint(0, MOST_TALKS))
        ]
    with (DEMO / "talks.csv").open("w", encoding="utf-8", newline="") as out:
        sheet = csv.writer(out, lineterminator="\n")
        sheet.writerow(("time", "station", "who", "topic", "by"))
        for at, station, by in sorted(talks):
            who, topic = (rng.choices([*kinds], [*kinds.values()])[0] for kinds in (WHO, TOPICS))
            sheet.writerow((f"{at // 60:02}:{at % 60:02}", station, who, topic, by))


if __name__ == "__main__":
    main()
