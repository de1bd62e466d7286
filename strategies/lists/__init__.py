"""Lists: every cursor list and every page-token list of the API."""

from strategies.lists.cases import cases

__all__ = ["cases"]
