"""The lines of a batch: read and checked, run through the real endpoints, written out again (`openapi.yaml:15610`)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from contract.mock.errors import ApiError
from contract.mock.kernel import Call, Json
from contract.mock.meter import BATCH

#: `endpoint` of a batch -> the operation that answers its lines.
OPERATIONS = {
    "/v1/responses": "createResponse",
    "/v1/chat/completions": "createChatCompletion",
    "/v1/embeddings": "createEmbedding",
    "/v1/completions": "createCompletion",
}
#: "The file can contain up to 50,000 requests", embeddings batches as many inputs (openapi.yaml:1399, 1412).
_MOST = 50_000

Line = dict[str, Any]


def fault(code: str, message: str, line: int | None = None, param: str | None = None) -> dict[str, Any]:
    """One entry of `Batch.errors.data`."""
    return {"code": code, "message": message, "line": line, "param": param}


def read(content: bytes, endpoint: str) -> tuple[list[Line], list[dict[str, Any]]]:
    """The lines, and what is wrong with the file as a whole: a batch with such faults fails.

    A file made for another endpoint fails like that; single lines that are go to the error file.
    """
    lines: list[Line] = []
    faults: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, text in enumerate(content.split(b"\n"), start=1):
        if not text.strip():
            continue
        line = _parsed(text)
        if line is None:
            faults.append(fault("invalid_json_line", "This line is not parseable as a JSON object.", number))
        elif not isinstance(line.get("custom_id"), str):
            faults.append(fault("missing_required_parameter", "Missing 'custom_id'.", number, "custom_id"))
        elif line["custom_id"] in seen:
            message = f"The custom_id '{line['custom_id']}' was used before in this file."
            faults.append(fault("duplicate_custom_id", message, number, "custom_id"))
        else:
            seen.add(line["custom_id"])
            lines.append(line)
    if not lines and not faults:
        faults.append(fault("empty_file", "The file holds no request."))
    if len(lines) > _MOST:
        faults.append(fault("too_many_requests", f"The file holds {len(lines)} requests, more than {_MOST}."))
    if lines and all(each.get("url") != endpoint for each in lines):
        message = f"The URLs of the requests do not match the batch's endpoint '{endpoint}'."
        faults.append(fault("invalid_url", message, 1, "url"))
    inputs = sum(_inputs(each) for each in lines if each.get("url") == "/v1/embeddings")
    if inputs > _MOST:
        faults.append(fault("too_many_inputs", f"The file asks for {inputs} embeddings, more than {_MOST}."))
    return lines, faults


def _inputs(line: Line) -> int:
    """How many texts an embeddings line has: a string or a list of token ids is one."""
    body = line.get("body")
    asked = body.get("input") if isinstance(body, dict) else None
    return len(asked) if isinstance(asked, list) and asked and not isinstance(asked[0], int) else 1


def _parsed(text: bytes) -> Line | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def run(call: Call, endpoint: str, lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """Answer every line: the lines of the output file and those of the error file, each in the order of the input."""
    good: list[Line] = []
    bad: list[Line] = []
    for line in lines:
        answer = _answered(call, endpoint, line)
        failed = answer["error"] is not None or answer["response"]["status_code"] != 200
        (bad if failed else good).append(answer)
    return good, bad


def _answered(call: Call, endpoint: str, line: Line) -> Line:
    answer: Line = {"id": call.store.new_id("batch_req_"), "custom_id": line["custom_id"], "response": None}
    if problem := _misfit(endpoint, line):
        return {**answer, "error": problem}
    try:
        marked = replace(call, headers={**call.headers, BATCH: answer["id"]})
        reply = marked.invoke(OPERATIONS[endpoint], body=line["body"])
    except ApiError as error:
        return {**answer, "response": _response(call, line, error.status, error.body), "error": None}
    if not isinstance(reply, Json):
        message = "A batch cannot answer with a stream."
        return {**answer, "error": {"code": "unsupported_stream", "message": message}}
    return {**answer, "response": _response(call, line, reply.status, reply.body), "error": None}


def _response(call: Call, line: Line, status: int, body: Any) -> dict[str, Any]:
    token = call.random("batch", line["custom_id"], call.time).getrandbits(128)
    return {"status_code": status, "request_id": f"req_{uuid.UUID(int=token).hex}", "body": body}


def _misfit(endpoint: str, line: Line) -> dict[str, str] | None:
    """What keeps a line from being sent at all."""
    if line.get("method") != "POST":
        return {"code": "invalid_method", "message": f"Invalid method '{line.get('method')}': expected 'POST'."}
    if line.get("url") != endpoint:
        message = f"The URL '{line.get('url')}' does not match the batch's endpoint '{endpoint}'."
        return {"code": "invalid_url", "message": message}
    if not isinstance(line.get("body"), dict):
        return {"code": "invalid_body", "message": "Missing 'body', or it is no object."}
    if line["body"].get("stream"):
        return {"code": "unsupported_stream", "message": "A batch cannot answer with a stream."}
    return None


def write(answers: Iterable[Line]) -> bytes:
    """Answers as JSONL."""
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in answers).encode()
