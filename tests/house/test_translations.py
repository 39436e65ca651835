"""Every sentence is translated, with the same values in it."""

import re

from babel.messages.pofile import read_po

from stations.translations.extract import HERE, extract

VALUE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def test_every_sentence_is_in_chinese() -> None:
    with (HERE / "zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as source:
        catalogue = read_po(source)
    for message in extract():
        if not message.id:
            continue
        known = catalogue.get(message.id)
        assert known is not None, message.id
        sentences = [known.string] if isinstance(known.string, str) else list(known.string)
        assert sentences
        assert all(sentences), message.id
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = {name for text in ids for name in VALUE.findall(text)}
        assert {name for text in sentences for name in VALUE.findall(text)} <= wanted, message.id


def test_no_translation_is_left_over() -> None:
    with (HERE / "zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as source:
        catalogue = read_po(source)
    used = {m.id if isinstance(m.id, str) else m.id[0] for m in extract()}
    assert {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue if m.id} - used == set()
