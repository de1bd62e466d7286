"""Prose rules of files and uploads: sizes, and what a purpose asks of a name or a media type."""

from __future__ import annotations

from contract.draft import Upload
from contract.mock.errors import invalid
from contract.mock.kernel import Call, rule

_MIB = 1024 * 1024
#: "files can be up to 512 MB", batches "up to 200 MB", parts "at most 64 MB", uploads "8 GB in total".
_FILE, _BATCH, _PART, _UPLOAD = 512 * _MIB, 200 * _MIB, 64 * _MIB, 8 * 1024 * _MIB
_LINES = frozenset({"fine-tune", "batch"})
_MEDIA = ("image/", "audio/", "video/")


@rule("createFile")
def file_fits_its_purpose(call: Call) -> None:
    """At most 512 MB; fine-tuning and batches take `.jsonl` only, batches up to 200 MB (openapi.yaml:3512-3527)."""
    part, purpose = call.body["file"], call.body["purpose"]
    if not isinstance(part, Upload):
        return
    if purpose in _LINES and not part.filename.lower().endswith(".jsonl"):
        raise invalid(f"Invalid file format for purpose '{purpose}'. Must be .jsonl.", "file")
    limit = _BATCH if purpose == "batch" else _FILE
    if len(part.content) > limit:
        raise invalid(f"The file has {len(part.content)} bytes, more than the {limit} allowed.", "file")


@rule("createUpload")
def upload_has_a_size(call: Call) -> None:
    """One byte to 8 GiB (openapi.yaml:12950)."""
    if not 1 <= call.body["bytes"] <= _UPLOAD:
        raise invalid(f"Invalid 'bytes': {call.body['bytes']} is not between 1 and {_UPLOAD}.", "bytes")


@rule("createUpload")
def media_type_fits_the_purpose(call: Call) -> None:
    """Refuse what plainly contradicts: pictures and sound as lines, anything but pictures as vision.

    The spec asks for "the correct `mime_type`" (openapi.yaml:12967) and lists none: only well-known types are judged.
    """
    kind, purpose = call.body["mime_type"].lower(), call.body["purpose"]
    lines_of_media = purpose in _LINES and kind.startswith(_MEDIA)
    vision_of_other = purpose == "vision" and kind.startswith(("text/", "audio/", "video/"))
    if lines_of_media or vision_of_other:
        raise invalid(f"Invalid 'mime_type': '{kind}' does not fit the purpose '{purpose}'.", "mime_type")


@rule("addUploadPart")
def part_fits(call: Call) -> None:
    """At most 64 MB (openapi.yaml:13153)."""
    data = call.body["data"]
    if isinstance(data, Upload) and len(data.content) > _PART:
        raise invalid(f"The Part has {len(data.content)} bytes, more than the {_PART} allowed.", "data")
