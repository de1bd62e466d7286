"""Our own faults and the user's mistakes: exceptions. The target's faults are `Finding`s, never these."""

from __future__ import annotations


class ContractError(Exception):
    """Base of every error that this suite raises on purpose; its text is one line that says what to do."""

    exit_status = 3


class UsageError(ContractError):
    """The command line or the configuration is wrong (exit status 2)."""

    exit_status = 2


class SpecError(ContractError):
    """The OpenAPI document cannot be used: missing, broken or unsafe (exit status 2)."""

    exit_status = 2


class TargetError(ContractError):
    """Nothing could be judged: the target cannot be reached (exit status 3)."""

    exit_status = 3


class RecordError(ContractError):
    """A record (`run.jsonl`) cannot be read or written (exit status 2)."""

    exit_status = 2
