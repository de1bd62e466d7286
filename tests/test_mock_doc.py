import re
from pathlib import Path

from mock_driver import the_spec

DOC = Path(__file__).parent.parent / "docs" / "mock.md"


def test_every_operation_is_placed_once():
    """The document says of each of the 126 operations, once, where its answer comes from."""
    rows = [line.split("|")[1] for line in DOC.read_text("utf-8").splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`([\w-]+)`", row)]
    placed = [name for name in named if name in the_spec().operations]
    assert sorted(placed) == sorted(the_spec().operations)
