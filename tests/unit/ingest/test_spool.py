"""The folder of uploaded files, which changes while it is listed."""

from pathlib import Path
from uuid import uuid4

from pacewatch.ingest.uploads import spool


def test_a_file_that_disappears_while_listing_is_skipped(tmp_path: Path) -> None:
    present, missing = uuid4(), uuid4()
    spool.path_of(tmp_path, present).write_bytes(b"rows")
    spool.path_of(tmp_path, missing).symlink_to(tmp_path / "nowhere")  # listed, but it has no status
    assert [upload_id for upload_id, _, _ in spool.spooled_files(tmp_path)] == [present]
