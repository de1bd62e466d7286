"""The minimal request body of each operation: what the spec's own examples send, cut to what is needed.

Templates (`strategies.templates`): ids and models come from the target. An operation that is not named here takes
the smallest instance of its schema (`strategies.samples`).
"""

from __future__ import annotations

from typing import Any

from strategies import media
from strategies.kinds import WEATHER

#: A moment for usage queries, Unix seconds: the one that the spec's examples take (openapi.yaml:7391).
START = 1_730_419_200
HELLO = {"role": "user", "content": "Say hello."}

BODIES: dict[str, Any] = {
    "createAssistant": {"model": "<model assistants>"},
    "modifyAssistant": {"name": "Renamed by a contract test"},
    "createSpeech": {"model": "<model speech>", "input": "Hello.", "voice": "alloy"},
    "createTranscription": {"file": "<upload wav>", "model": "<model transcription>"},
    "createTranslation": {"file": "<upload wav>", "model": "<model translation>"},
    "createBatch": {
        "input_file_id": "<ref file purpose=batch>",
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
    },
    "createChatCompletion": {"model": "<model chat>", "messages": [HELLO]},
    "updateChatCompletion": {"metadata": {"made_by": "contract"}},
    "createCompletion": {"model": "<model completions>", "prompt": "Say hello."},
    "createEmbedding": {"model": "<model embeddings>", "input": "The food was delicious."},
    "createFile": {"file": "<upload text>", "purpose": "assistants"},
    "createFineTuningCheckpointPermission": {"project_ids": ["<ref project>"]},
    "createFineTuningJob": {"model": "<model fine-tuning>", "training_file": "<ref file purpose=fine-tune>"},
    "createImage": {"model": "<model image>", "prompt": "A white cat"},
    "createImageEdit": {"image": "<upload png>", "prompt": "A white cat"},
    "createImageVariation": {"image": "<upload png>"},
    "createModeration": {"input": "I am happy."},
    "admin-api-keys-create": {"name": "<unique>"},
    "inviteUser": {"email": "<email>", "role": "reader"},
    "create-project": {"name": "<unique>"},
    "modify-project": {"name": "<unique>"},
    "update-project-rate-limits": {"max_requests_per_1_minute": 500},
    "create-project-service-account": {"name": "<unique>"},
    "create-project-user": {"user_id": "<ref org_user>", "role": "member"},
    "modify-project-user": {"role": "member"},
    "modify-user": {"role": "reader"},
    "create-realtime-session": {"model": "gpt-4o-realtime-preview"},
    "create-realtime-transcription-session": {},
    "createResponse": {"model": "<model responses>", "input": "Say hello."},
    "createThread": {},
    "createThreadAndRun": {"assistant_id": "<ref assistant>", "thread": {"messages": [HELLO]}},
    "modifyThread": {"metadata": {"made_by": "contract"}},
    "createMessage": HELLO,
    "modifyMessage": {"metadata": {"made_by": "contract"}},
    "createRun": {"assistant_id": "<ref assistant>"},
    "modifyRun": {"metadata": {"made_by": "contract"}},
    "submitToolOuputsToRun": {"tool_outputs": [{"tool_call_id": "<here tool_call_id>", "output": "22 degrees"}]},
    "createUpload": {
        "filename": "notes.txt",
        "purpose": "assistants",
        "bytes": len(media.PART),
        "mime_type": "text/plain",
    },
    "completeUpload": {"part_ids": ["<here part_id>"]},
    "addUploadPart": {"data": "<upload part>"},
    "createVectorStore": {"name": "contract"},
    "modifyVectorStore": {"name": "contract, renamed"},
    "createVectorStoreFileBatch": {"file_ids": ["<ref file>"]},
    "createVectorStoreFile": {"file_id": "<ref file>"},
    "updateVectorStoreFileAttributes": {"attributes": {"language": "en"}},
    "searchVectorStore": {"query": "What is the capital of France?"},
}

#: Operation -> capability of the `model` member; the rest ask for a chat model.
MODELS = {
    "createAssistant": "assistants",
    "modifyAssistant": "assistants",
    "createRun": "assistants",
    "createThreadAndRun": "assistants",
    "createSpeech": "speech",
    "createTranscription": "transcription",
    "createTranslation": "translation",
    "createCompletion": "completions",
    "createEmbedding": "embeddings",
    "createFineTuningJob": "fine-tuning",
    "createImage": "image",
    "createImageEdit": "image-edit",
    "createImageVariation": "image-edit",
    "createModeration": "moderation",
    "create-realtime-session": "realtime",
    "createResponse": "responses",
}

#: A PNG of 8 x 8 pixels, as a data URL: nothing has to be fetched.
DATA_URL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAYAAADED76LAAAAEklEQVR42mNQaDjwHx9mGBkKAOjrl8G1"
    "CuyBAAAAAElFTkSuQmCC"
)
IMAGE_URL = "https://example.com/boardwalk.png"

#: Member name -> value, wherever a schema admits it: what a generator would otherwise take from thin air.
HINTS: dict[str, Any] = {
    "image": "<upload png>",
    "mask": "<upload png>",
    "file_id": "<ref file>",
    "file_ids": ["<ref file>"],
    "vector_store_ids": ["<ref vector_store>"],
    "validation_file": "<ref file purpose=fine-tune>",
    "training_file": "<ref file purpose=fine-tune>",
    "assistant_id": "<ref assistant>",
    "user_id": "<ref org_user>",
    "project_ids": ["<ref project>"],
    "part_ids": ["<here part_id>"],
    "tool_call_id": "<here tool_call_id>",
    "previous_response_id": "<ref response>",
    "email": "<email>",
    "content": "Say hello.",
    "text": "Say hello.",
    "input": "Say hello.",
    "prompt": "Say hello.",
    "instructions": "Answer in one word.",
    "arguments": '{"city": "Paris"}',
    "language": "en",
    "country": "US",
    "city": "Paris",
    "region": "Île-de-France",
    "timezone": "Europe/Paris",
    "parameters": WEATHER["parameters"],
    "schema": {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    },
    "name": "get_weather",
    "call_id": "call_contract",
    "md5": "<here md5>",
    "metadata": {"made_by": "contract"},
    "attributes": {"language": "en"},
    "data": "UklGRgAAAABXQVZF",
    "file_data": "aGVsbG8=",
    "key": "language",
    "output": "22 degrees",
    "max_chunk_size_tokens": 800,
    "chunk_overlap_tokens": 40,
    "bytes": len(media.PART),
    "logit_bias": {"50256": -100},
    "voice": "alloy",
    "schedule": "daily",
}
#: The same by the end of the path, where the name alone says too little.
PATH_HINTS: dict[tuple[str, ...], Any] = {
    ("project_ids", "*"): "<ref project>",
    ("project_ids[]", "*"): "<ref project>",
    ("resource_ids[]", "*"): "<ref project>",
    ("user_ids", "*"): "<ref org_user>",
    ("actor_ids[]", "*"): "<ref org_user>",
    ("actor_emails[]", "*"): "contract@example.com",
    ("emails", "*"): "contract@example.com",
    ("api_key_ids", "*"): "<ref project_api_key>",
    ("models", "*"): "<model chat>",
    ("run_id",): "<ref run>",
    ("project_id",): "<ref project>",
    ("start_time",): START,
    ("end_time",): START + 86_400,
    ("limit",): 2,
    ("image_file", "file_id"): "<ref file purpose=vision>",
    ("image_url", "url"): IMAGE_URL,
    ("projects", "*", "id"): "<ref project>",
    ("wandb", "project"): "contract",
    ("user_location", "type"): "approximate",
    ("tools", "*", "filters", "value"): "en",
    ("filters", "value"): "en",
    ("attachments", "*", "tools"): [{"type": "file_search"}],
}
#: Operation -> hints that hold there alone.
OWN_HINTS: dict[str, dict[str, Any]] = {
    "createChatCompletion": {"tool_call_id": "call_contract", "file_id": "<ref file>", "id": "call_contract"},
    "createResponse": {"id": "item_contract", "image_url": DATA_URL},
    "createAssistant": {"name": "Contract"},
    "modifyAssistant": {"name": "Contract"},
    "createVectorStore": {"name": "contract"},
    "modifyVectorStore": {"name": "contract"},
    "createUpload": {"filename": "notes.txt", "mime_type": "text/plain"},
    "createSpeech": {"input": "Hello."},
}


#: Where the minimal request is more than the smallest body: a user keeps the role that it has.
GENTLE: dict[str, Any] = {"modify-user": {"role": "<here role>"}}
#: Member -> capability of the model that takes it; servers refuse it for others (openapi.yaml:29330, 30667, 29296).
SPECIAL_MODELS = {"reasoning_effort": "reasoning", "reasoning": "reasoning", "audio": "chat-audio"}


#: Purpose -> the file that goes with it (openapi.yaml:3521).
PURPOSES = {"batch": "<upload batch>", "fine-tune": "<upload fine-tune>", "vision": "<upload png>"}


def fit(body: Any) -> Any:
    """A copy of a template with the model which its members need, and the file which its purpose needs."""
    if isinstance(body, dict) and body.get("file") == "<upload text>" and body.get("purpose") in PURPOSES:
        return {**body, "file": PURPOSES[body["purpose"]]}
    return _fit_model(body)


def _fit_model(body: Any) -> Any:
    plain = ("<model chat>", "<model responses>", "<model assistants>")
    if not isinstance(body, dict) or body.get("model") not in plain:
        return body
    needs = next((model for name, model in SPECIAL_MODELS.items() if body.get(name) is not None), None)
    if needs is None and "audio" in (body.get("modalities") or ()):
        needs = "chat-audio"
    return {**body, "model": f"<model {needs}>"} if needs else body


def minimal(operation_id: str) -> Any:
    """The template of an operation's minimal body, None where the table has none."""
    return BODIES.get(operation_id)
