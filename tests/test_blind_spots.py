"""Cases that fresh faults asked for: each catches its fault, and passes on the same server without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from worlds import played

from contract.mock.server import Running
from contract.transport import Limits
from contract.verdict import Outcome

pytestmark = pytest.mark.long

#: Fault, case, rule.
FOUND = (
    ("lenient-streamed", "createChatCompletion/invalid/streamed.body.model/required", "request/invalid-accepted"),
    ("stream-error-event", "createChatCompletion/stream/plain", "stream/to-its-end"),
    ("stream-id-empty", "createChatCompletion/stream/plain", "lifecycle/id-unique"),
    ("stream-created-milliseconds", "createChatCompletion/stream/plain", "body/seconds"),
    ("stream-usage-zero", "createChatCompletion/stream/include-usage", "usage/counted"),
    ("stream-logprob-tokens", "createChatCompletion/stream/logprobs", "parameter/createChatCompletion/logprobs"),
    ("stream-tool-arguments-cut", "createChatCompletion/stream/forced-tool", "parameter/createChatCompletion/tools"),
    (
        "parameter-chat-tools-streamed",
        "createChatCompletion/stream/forced-tool",
        "parameter/createChatCompletion/tool_choice-forced",
    ),
    ("parameter-chat-store-streamed", "createChatCompletion/stream/stored", "parameter/createChatCompletion/store"),
    (
        "stream-response-cut-completed",
        "createResponse/stream/max-tokens",
        "parameter/createResponse/max_output_tokens",
    ),
    ("stream-response-metadata", "createResponse/stream/instructions", "body/echo"),
    ("list-before-far", "listAssistants/list/before", "list/previous-page"),
    ("list-after-ascending", "listRuns/list/order", "list/after"),
    ("list-order-ignored-items", "listInputItems/list/order", "list/order"),
    ("list-group-ignored", "usage-completions/list/results", "list/filter"),
    ("list-limit-ignored-jobs", "listPaginatedFineTuningJobs/list/complete", "list/limit"),
    ("list-permissions-order", "listFineTuningCheckpointPermissions/list/order", "list/order"),
    ("state-change-clears-tools", "createAssistant/lifecycle/assistant-change", "lifecycle/nothing-else-changed"),
    ("state-change-lost-user", "modify-user/lifecycle/user-role", "lifecycle/change-kept"),
    ("state-model-not-found", "listModels/lifecycle/models", "lifecycle/created-is-there"),
    ("state-deleted-said", "createChatCompletion/lifecycle/stored-messages", "lifecycle/deleted-is-gone"),
    ("state-batch-line-status", "createBatch/lifecycle/batch", "lifecycle/content"),
)
CASES = sorted({case for _, case, _ in FOUND})


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """The URL of one server without a fault."""
    with Running(speed=2.0) as running:
        yield running.url


@pytest.mark.parametrize(("fault", "case", "rule"), FOUND, ids=[each[0] for each in FOUND])
def test_a_fault_is_found(fault: str, case: str, rule: str) -> None:
    """By the rule that is meant to catch it."""
    with Running(faults=[fault], speed=2.0) as running:
        verdict = played(running.url, case, limits=Limits()).verdict
    assert rule in {each.rule for each in verdict.findings}, verdict.reason


@pytest.mark.parametrize("case", CASES)
def test_a_right_server_passes(mock: str, case: str) -> None:
    """The twin without the fault gets no finding at all."""
    verdict = played(mock, case, limits=Limits()).verdict
    assert verdict.findings == ()
    assert verdict.outcome is Outcome.PASS, verdict.reason
