import time

import pytest

from stations.kernel.names import list_alike


def are_alike(*names: str) -> bool:
    """Is each of `names` taken for each of the others?"""
    alike = list_alike({name: (name,) for name in names})
    return all(alike.get(name) == frozenset(names) - {name} for name in names)


@pytest.mark.parametrize(
    "names",
    [
        ("十一学校", "第十一中学", "北京市第十一中学", "北京11中"),
        ("北京市育才学校", "北京市育英学校"),
        ("潞河中学", "通州区运河中学"),
        ("北师大附中", "北师大二附中", "北京师范大学附属实验中学", "北师大实验"),
        ("清华附中", "清华大学附属中学"),
        ("人大附中", "中国人民大学附属中学"),
        ("一零一中学", "北京市第101中学"),
        ("北京市第八中学", "北京市第八中学京西校区", "北京市第八中学（初中部）"),
    ],
)
def test_names_that_people_confuse_are_alike(names: tuple[str, ...]) -> None:
    assert are_alike(*names)


@pytest.mark.parametrize(
    "names",
    [
        ("第一中学", "第二中学"),
        ("北京市第十一中学", "北京市第十二中学"),
        ("演示考点·海淀01（知春里站附近）", "演示考点·海淀02（清河站附近）"),
        ("演示考点·海淀01（知春里站附近）", "演示考点·海淀08（知春里站附近）"),
        ("育才学校", "育英中学"),
        ("北师大附中", "首师大附中"),
        ("海淀实验中学", "朝阳实验中学"),
        ("西单", "西四"),
        ("···", "（知春里）"),
    ],
)
def test_names_that_differ_are_not_alike(names: tuple[str, ...]) -> None:
    assert list_alike({name: (name,) for name in names}) == {}


def test_aliases_count_and_the_answer_is_symmetric_by_key() -> None:
    assert list_alike({1: ("甲校", "十一学校"), 2: ("第十一中学",), 3: ("西单小学",)}) == {
        1: frozenset({2}),
        2: frozenset({1}),
    }


def test_aliases_of_one_entry_are_not_alike_to_itself() -> None:
    assert list_alike({1: ("十一学校", "第十一中学")}) == {}


def test_two_thousand_names_take_less_than_a_second() -> None:
    names = {number: (f"北京市第{number}中学", f"北师大{number}附中") for number in range(1000)}
    names |= {number: (f"考点{number}",) for number in range(1000, 2000)}
    started = time.process_time()
    alike = list_alike(names)
    assert time.process_time() - started < 1
    assert len(alike) == 1000
