"""Who looks at the board is told, when the change is committed, that it has changed."""

from stations.adapters import live
from stations.fleet.queries.topics import QUEUE
from stations.kernel.revision import next_revision


def tell(path: str) -> None:
    """What lies under `path` has changed: the boards that may see it look again."""
    next_revision(QUEUE)
    live.publish_after_commit("queue", None, path)
