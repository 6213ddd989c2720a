"""The folder of waiting uploads: it changes while somebody looks."""

from pathlib import Path
from uuid import uuid4

from pacewatch.ingest.uploads import spool


def test_a_file_that_is_gone_since_it_was_listed_is_passed_over(tmp_path: Path) -> None:
    here, gone = uuid4(), uuid4()
    spool.path_of(tmp_path, here).write_bytes(b"rows")
    spool.path_of(tmp_path, gone).symlink_to(tmp_path / "nowhere")  # listed, but there is nothing to look at
    assert [upload_id for upload_id, _, _ in spool.waiting(tmp_path)] == [here]
