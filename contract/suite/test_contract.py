"""The whole suite as pytest sees it: one test a case. Run it with `pytest contract --target URL`."""

from contract.case import Case
from contract.plugin import Play


def test_contract(case: Case, play: Play) -> None:
    """The target keeps the promise that the case is named by."""
    play(case)
