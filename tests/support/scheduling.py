"""Which worker of a parallel run gets which tests."""

from xdist.scheduler import LoadScopeScheduling


class FilesAndGroups(LoadScopeScheduling):  # type: ignore[misc]
    """The tests of a file stay together, since they share fixtures, and so do those marked with one `xdist_group`."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        in_group = test.rfind("@") > test.rfind("]")  # xdist adds the group behind the name and its parameters
        return test.rsplit("@", 1)[1] if in_group else path
