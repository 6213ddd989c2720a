"""Which worker of a parallel run gets which tests."""

import re

from xdist.scheduler import LoadScopeScheduling

# pytest-xdist's own mark, `xdist_group`, needs a node id that it can change; since pytest 9 there is none.
SAME_WORKER = "same worker: "


class FilesAndGroups(LoadScopeScheduling):
    """The tests of a file stay together, for they share fixtures; so do those with a parameter named SAME_WORKER."""

    def _split_scope(self, nodeid: str) -> str:
        group = re.search(rf"\[{SAME_WORKER}([^\]]+)\]$", nodeid)
        return group[1] if group else nodeid.split("::", 1)[0]
