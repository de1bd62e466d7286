"""Honoured parameters: a parameter that was accepted has its effect."""

from __future__ import annotations

from collections.abc import Iterator

from contract.case import Case
from contract.spec import Spec
from strategies.parameters import chat, completions, embeddings, media, responses, threads
from strategies.parameters.asking import Parameter, case

TABLES: tuple[tuple[Parameter, ...], ...] = (
    chat.PARAMETERS,
    completions.PARAMETERS,
    embeddings.PARAMETERS,
    media.PARAMETERS,
    responses.PARAMETERS,
    threads.PARAMETERS,
)


def cases(spec: Spec, wanted: frozenset[str] | None = None) -> Iterator[Case]:
    """A case a parameter; `wanted`: only those operations."""
    for table in TABLES:
        for parameter in table:
            if parameter.operation in spec.operations and (wanted is None or parameter.operation in wanted):
                yield case(spec, parameter)
