"""Messages to people's phones: written to the log, or handed to a gateway by signed HTTPS POST.

A gateway checks `X-Stations-Signature`: the hex HMAC-SHA256, under the shared key, of the header `X-Stations-Time`
(seconds since 1970), a full stop and the body. `Idempotency-Key` is the same on every try of one message.
"""

import hmac
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Protocol
from urllib.parse import urlsplit

from stations.kernel.masking import mask_phone

TIMEOUT_SECONDS = 5.0
LONGEST_RECEIPT = 120
MOST_BYTES = 4096
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `to` is a phone number, or a staff number where the gateway knows people by that; `values` fill a
    provider's template of this kind; `text` is the whole sentence."""

    key: str
    kind: str
    to: str
    staff_no: str
    text: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the gateway said when it took the message; '' for nothing."""

    text: str


class NotSentError(Exception):
    """The message was not taken; what was wrong is said without the number and the text."""


class Messenger(Protocol):
    """Whatever can bring a message to a person; whether it needs their phone number for that."""

    needs_phone: bool

    def send(self, message: Message) -> Receipt:
        """Hand the message over. Raises NotSentError."""
        ...


class Console:
    """Writes messages to the log, numbers masked: for trying things out."""

    needs_phone = True

    def send(self, message: Message) -> Receipt:
        """See Messenger."""
        log.warning("message to %s: %s", mask_phone(message.to), message.text)
        return Receipt("console")


class Webhook:
    """Posts whole sentences to a gateway of the deployer's."""

    needs_phone = True

    def __init__(self, url: str, key: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """`url` and `key` as checked by the settings."""
        self._parts, self._key, self._timeout = urlsplit(url), key.encode(), timeout_seconds

    def send(self, message: Message) -> Receipt:
        """See Messenger. Redirects are not followed: only the address that was set is told anything."""
        body = json.dumps(self.body(message), ensure_ascii=False).encode()
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        line = kind(str(self._parts.hostname), self._parts.port, timeout=self._timeout)
        path = f"{self._parts.path or '/'}{'?' + self._parts.query if self._parts.query else ''}"
        try:
            line.request("POST", path, body, self._headers(message.key, body))
            answer = line.getresponse()
            said = answer.read(MOST_BYTES)
        except (OSError, HTTPException) as error:
            raise NotSentError(type(error).__name__) from error
        finally:
            line.close()
        if not 200 <= answer.status < 300:
            raise NotSentError(f"HTTP {answer.status}")
        return Receipt(said.decode(errors="replace").replace("\0", "")[:LONGEST_RECEIPT])

    def body(self, message: Message) -> dict[str, Any]:
        """What is posted."""
        return {"key": message.key, "kind": message.kind, "to": message.to, "text": message.text}

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        now = str(int(time.time()))
        return {
            "Content-Type": "application/json", "Idempotency-Key": key, "X-Stations-Time": now,
            "X-Stations-Signature": hmac.digest(self._key, f"{now}.".encode() + body, "sha256").hex(),
        }  # fmt: skip


class Templated(Webhook):
    """Posts a provider's template and its values: SMS (by phone number) and WeChat (by staff number, which the gateway
    knows the account of)."""

    def __init__(self, channel: str, url: str, key: str, templates: Mapping[str, str]) -> None:
        """`templates` maps each kind of message to the provider's template."""
        super().__init__(url, key)
        self._channel, self._templates = channel, templates
        self.needs_phone = channel != "wechat"

    def body(self, message: Message) -> dict[str, Any]:
        """What is posted. Raises NotSentError for a kind without a template."""
        if message.kind not in self._templates:
            raise NotSentError(f"no template for {message.kind}")
        to = message.staff_no if self._channel == "wechat" else message.to
        return {
            "key": message.key, "channel": self._channel, "to": to, "template": self._templates[message.kind],
            "values": dict(message.values),
        }  # fmt: skip


def make_messenger(channel: str, url: str, key: str, templates: Mapping[str, str]) -> Messenger:
    """The messenger of the settings, which were checked at the start."""
    if channel == "console":
        return Console()
    return Webhook(url, key) if channel == "webhook" else Templated(channel, url, key, templates)
