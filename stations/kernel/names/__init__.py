"""Names as Chinese users type them: searching by characters, numerals, pinyin, initials; and names people confuse."""

from stations.kernel.names.alike import list_alike
from stations.kernel.names.index import Entry, Grade, Hit, NameIndex

__all__ = ["Entry", "Grade", "Hit", "NameIndex", "list_alike"]
