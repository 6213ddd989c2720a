"""How large a hostile file may be: as large as a body may be."""

from typing import Final

MAX_BYTES: Final = 4 * 2**20
