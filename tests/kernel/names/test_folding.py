import pytest

from stations.kernel.names.folding import drop_place, fold_numerals, fold_text, list_readings


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("１１ 学校", "11学校"),
        ("No. 11 School", "no11school"),
        ("shí yī·Xué-xiào", "shiyixuexiao"),
        ("nǚ", "nv"),
        ("演示考点·海淀01（知春里站附近）", "演示考点海淀01知春里站附近"),
        ("😀\x00\n()", ""),
    ],
)
def test_text_is_folded(text: str, folded: str) -> None:
    assert fold_text(text) == folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("第二十中学", "20中学"),
        ("一零一中学", "101中学"),
        ("第11中学", "11中学"),
        ("北师大二附中", "北师大2附中"),
        ("行知", "行知"),
    ],
)
def test_numerals_are_folded_to_arabic_without_ordinal(text: str, folded: str) -> None:
    assert fold_numerals(text) == folded


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("北京市第十一中学", "第十一中学"),
        ("北京市海淀区育英学校", "育英学校"),
        ("河北省石家庄市长安区第一中学", "第一中学"),
        ("北京十一学校", "十一学校"),
        ("北京师范大学附属中学", "北京师范大学附属中学"),
        ("北京大学附属中学", "北京大学附属中学"),
        ("北京城市学院", "城市学院"),
        ("海淀区", "海淀区"),
        ("知春里", "知春里"),
    ],
)
def test_place_before_a_name_is_dropped(text: str, bare: str) -> None:
    assert drop_place(text) == bare


def test_readings_are_few_and_hold_the_likely_ones() -> None:
    assert [("chong",), ("qing",)] in list_readings("重庆")
    readings = ["".join(map("".join, reading)) for reading in list_readings("行知实验中学")]
    assert {"xingzhishiyanzhongxue", "hangzhishiyanzhongxue"} <= set(readings)
    assert len(list_readings("行知行知行知行知行知行知")) <= 5
    assert list_readings("101中学")[0] == [("yi", "ling", "yi"), ("zhong",), ("xue",)]
