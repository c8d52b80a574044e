"""Whether a magic's value is thrown away: then it shows itself, as in `for ref in refs: %gate {ref}`.

IPython shows the value of a cell's last line only. A gate in a loop, or two looks in one cell, would show nothing.
"""

from __future__ import annotations

import dis
import sys
from types import FrameType


def is_discarded() -> bool:
    """Whether the statement that runs this magic drops its value; False where that can't be told."""
    frame = _caller(sys._getframe(1))
    if frame is None:
        return False
    following = [i for i in dis.get_instructions(frame.f_code) if i.offset > frame.f_lasti and i.opname != "CACHE"]
    return bool(following) and following[0].opname == "POP_TOP"


def _caller(frame: FrameType | None) -> FrameType | None:
    """The frame that called `run_line_magic` or `run_cell_magic`."""
    while frame is not None:
        if frame.f_code.co_name in ("run_line_magic", "run_cell_magic"):
            return frame.f_back
        frame = frame.f_back
    return None
