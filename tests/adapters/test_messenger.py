"""What each messenger says, and to whom."""

import logging

import pytest

from stations.adapters.messenger import Console, Message, NotSentError, Templated, make_messenger

MESSAGE = Message("k1", "offer", "13800001234", "S1", "A place is kept.", {"station": "S"})


def test_console_masks_the_number(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert make_messenger("console", "", "", {}).send(MESSAGE).text == "console"
    assert "138****1234: A place is kept." in caplog.text
    assert "13800001234" not in caplog.text
    assert isinstance(make_messenger("console", "", "", {}), Console)


@pytest.mark.parametrize(("channel", "to"), [("sms", "13800001234"), ("wechat", "S1")])
def test_template_is_filled_for_whom_the_channel_knows(channel: str, to: str) -> None:
    made = Templated(channel, "https://example.org/", "k" * 32, {"offer": "T-2"})
    assert made.body(MESSAGE) == {
        "key": "k1", "channel": channel, "to": to, "template": "T-2", "values": {"station": "S"}
    }  # fmt: skip


def test_kind_without_a_template_is_not_sent() -> None:
    with pytest.raises(NotSentError, match="no template for offer"):
        Templated("sms", "https://example.org/", "k" * 32, {}).send(MESSAGE)
