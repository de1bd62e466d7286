"""Lifecycles across resources: what one step makes is there for the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from contract.case import Case, Depth, Stage
from contract.operation import Safety
from contract.spec import Spec
from strategies.lifecycles import changes, files, jobs, rules, runs
from strategies.lifecycles.steps import Steps

__all__ = ["CHAINS", "cases", "rules"]


@dataclass(frozen=True, slots=True)
class Chain:
    """One lifecycle: its first operation, a name, what it promises, the operations that it goes through."""

    operation: str
    name: str
    statement: str
    play: Callable[[Steps], None]
    also: tuple[str, ...] = ()
    requests: int = 10


CHAINS: tuple[Chain, ...] = (
    Chain(
        "createAssistant",
        "assistant-change",
        "A change of an assistant's metadata leaves its tools, texts and numbers alone.",
        changes.assistant,
        ("modifyAssistant", "getAssistant"),
        3,
    ),
    Chain(
        "createAssistant",
        "assistant-resources",
        "An assistant reads with the vector store that it was made with.",
        changes.assistant_resources,
        ("getAssistant",),
        2,
    ),
    Chain(
        "createThread",
        "thread-resources",
        "A thread reads with the file that it was made with.",
        changes.thread_resources,
        ("getThread",),
        2,
    ),
    Chain(
        "createMessage",
        "message-attachments",
        "A message reads with the file that is attached to it.",
        changes.message_attachments,
        ("getMessage",),
        3,
    ),
    Chain(
        "createVectorStore",
        "vector-store-change",
        "A change of a vector store's metadata leaves its name and its expiry alone.",
        changes.vector_store,
        ("modifyVectorStore", "getVectorStore"),
        3,
    ),
    Chain(
        "createFile",
        "file-content",
        "The bytes of a file come back as they were sent.",
        files.content,
        ("downloadFile", "deleteFile"),
    ),
    Chain(
        "createFile",
        "file-in-vector-store",
        "A file in a vector store is searched, read, and outlives its place there.",
        files.in_vector_store,
        (
            "createVectorStore",
            "createVectorStoreFile",
            "getVectorStoreFile",
            "searchVectorStore",
            "retrieveVectorStoreFileContent",
            "deleteVectorStoreFile",
        ),
        16,
    ),
    Chain(
        "createVectorStoreFileBatch",
        "file-batch",
        "A file batch is worked off; its files are listed; ended it is not cancelled.",
        files.batch,
        (
            "getVectorStoreFileBatch",
            "listFilesInVectorStoreBatch",
            "cancelVectorStoreFileBatch",
            "deleteVectorStore",
            "listVectorStoreFiles",
        ),
        14,
    ),
    Chain(
        "createVectorStoreFileBatch",
        "file-batch-cancelled",
        "A cancelled file batch ends as cancelled.",
        files.cancelled_batch,
        ("getVectorStoreFileBatch", "cancelVectorStoreFileBatch"),
        8,
    ),
    Chain(
        "createUpload",
        "upload-wrong-sum",
        "An upload whose bytes have another checksum than `md5` is not completed.",
        files.wrong_sum,
        ("addUploadPart", "completeUpload"),
        4,
    ),
    Chain(
        "createUpload",
        "upload",
        "The parts of an upload become a file in the order of `part_ids`.",
        files.upload,
        ("addUploadPart", "completeUpload", "retrieveFile", "downloadFile"),
        9,
    ),
    Chain(
        "createUpload",
        "upload-late-part",
        "A completed upload takes no further part.",
        files.late_part,
        ("addUploadPart", "completeUpload"),
        5,
    ),
    Chain(
        "createUpload",
        "upload-cancelled",
        "A cancelled upload takes no part.",
        files.cancelled_upload,
        ("cancelUpload", "addUploadPart"),
        4,
    ),
    Chain(
        "createUpload",
        "upload-wrong-size",
        "An upload whose parts do not add up to `bytes` is not completed.",
        files.wrong_size,
        ("addUploadPart", "completeUpload"),
        4,
    ),
    Chain(
        "createBatch",
        "batch",
        "A batch runs over its lines and leaves an output file that answers each.",
        jobs.batch,
        ("retrieveBatch", "downloadFile"),
        20,
    ),
    Chain(
        "createBatch",
        "batch-cancelled",
        "A cancelled batch ends as cancelled.",
        jobs.cancelled_batch,
        ("cancelBatch", "retrieveBatch"),
        12,
    ),
    Chain(
        "createFineTuningJob",
        "fine-tuning",
        "A fine-tuning job ends with events, checkpoints and a model.",
        jobs.fine_tuning,
        (
            "retrieveFineTuningJob",
            "listFineTuningEvents",
            "listFineTuningJobCheckpoints",
            "retrieveModel",
            "listModels",
            "deleteModel",
        ),
        27,
    ),
    Chain(
        "createFineTuningJob",
        "fine-tuning-cancelled",
        "A cancelled job stays cancelled.",
        jobs.cancelled_job,
        ("cancelFineTuningJob", "retrieveFineTuningJob", "listPaginatedFineTuningJobs"),
        8,
    ),
    Chain(
        "createRun",
        "run",
        "A run ends, leaves steps and an answer on the thread, and is not cancelled afterwards.",
        runs.run,
        ("getRun", "listRunSteps", "getRunStep", "listMessages", "listRuns", "modifyRun", "cancelRun", "deleteThread"),
        23,
    ),
    Chain(
        "createRun",
        "run-with-tools",
        "A run waits for tool outputs, takes them once, and goes on.",
        runs.tools,
        ("submitToolOuputsToRun", "getRun", "listRunSteps"),
        24,
    ),
    Chain(
        "createRun",
        "run-with-several-tools",
        "A run that waits for two outputs does not go on with one.",
        runs.several_tools,
        ("submitToolOuputsToRun", "getRun"),
        16,
    ),
    Chain(
        "createRun", "run-cancelled", "A cancelled run ends as cancelled.", runs.cancelled, ("cancelRun", "getRun"), 16
    ),
    Chain(
        "createThreadAndRun",
        "thread-and-run",
        "The thread of a run is a thread like any other.",
        runs.thread_and_run,
        ("getThread", "listMessages", "listRuns"),
        14,
    ),
    Chain(
        "createChatCompletion",
        "stored-messages",
        "The messages of a stored completion are those that were sent.",
        jobs.stored_messages,
        ("getChatCompletionMessages", "deleteChatCompletion"),
        6,
    ),
    Chain(
        "createResponse",
        "response-chain",
        "A response follows another; its input items are those that were sent.",
        jobs.response_chain,
        ("listInputItems", "deleteResponse"),
        6,
    ),
    Chain("listModels", "models", "Every listed model is found.", jobs.models, ("retrieveModel",), 9),
    Chain(
        "archive-project",
        "project-archived",
        "An archived project is listed where archived ones are asked for, and only there.",
        jobs.archived_project,
        ("list-projects", "modify-project"),
        5,
    ),
    Chain(
        "createFineTuningCheckpointPermission",
        "permissions",
        "Each project gets a permission; one that is deleted is listed no more.",
        jobs.permissions,
        ("deleteFineTuningCheckpointPermission", "listFineTuningCheckpointPermissions"),
        5,
    ),
    Chain(
        "create-project-service-account",
        "service-key",
        "The key of a service account is not deleted by itself.",
        jobs.service_key,
        ("delete-project-api-key",),
        3,
    ),
    Chain(
        "modify-user",
        "user-role",
        "A changed role of a user stays changed.",
        jobs.user_role,
        ("list-users", "retrieve-user"),
        4,
    ),
    Chain(
        "list-project-rate-limits",
        "rate-limit",
        "A changed rate limit stays changed.",
        jobs.rate_limit,
        ("update-project-rate-limits",),
        5,
    ),
)  # fmt: skip - a table: one lifecycle a row


def cases(spec: Spec, wanted: frozenset[str] | None = None) -> Iterator[Case]:
    """One case a lifecycle."""
    for chain in CHAINS:
        operation = spec.operations.get(chain.operation)
        if operation is None or (wanted is not None and operation.id not in wanted):
            continue
        admin = operation.safety is Safety.ADMIN
        yield Case(
            f"{operation.id}/lifecycle/{chain.name}",
            operation.id,
            chain.statement,
            partial(_play, chain=chain),
            Safety.ADMIN if admin else Safety.WRITE,
            Depth.STANDARD,
            chain.requests,
            rank=36,
            also=chain.also,
        )


def _play(stage: Stage, chain: Chain) -> None:
    chain.play(Steps(stage))
