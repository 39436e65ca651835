"""Who looks at shifts is told, when the change is committed, that it has changed."""

from stations.adapters import live
from stations.kernel.revision import next_revision

TOPIC = live.SHIFTS


def tell(*paths: str) -> None:
    """What lies under any of `paths` has changed: the pages that may see it look again."""
    next_revision(TOPIC)
    for path in sorted(set(paths)):
        live.publish_after_commit(TOPIC, None, path)
