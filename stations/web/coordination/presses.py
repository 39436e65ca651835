"""What every press of a coordinator shares."""

from collections.abc import Callable

from flask import flash

from stations.accounts.rules import Actor
from stations.kernel.db import run_in_transaction
from stations.kernel.replay import Answer
from stations.kernel.text import Text, _
from stations.web.guard import actor

AGAIN: Text = _("This was saved already; nothing was written twice.")


def press(do: Callable[[Actor], Answer], done: Text) -> Answer:
    """Do, in one transaction, what knows by itself a request that comes twice, and say `done`."""
    me = actor()
    answer = run_in_transaction(lambda: do(me))
    flash(str(AGAIN if answer.is_replay else done), "plain" if answer.is_replay else "success")
    return answer
