"""Store: what the server remembers, in memory and, with a file, in SQLite (WAL) as well.

Memory holds everything as JSON text, so what goes in and what comes out are copies: a handler may change either
freely. The file is written through, one transaction a request (`commit`); a new process starts from it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from contract.errors import UsageError

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 24
#: Counter values taken from the file at once, so that not every id costs a write.
_BLOCK = 1000
_TABLES = """
CREATE TABLE IF NOT EXISTS object
  (seq INTEGER NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL,
   PRIMARY KEY (kind, parent, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blob (id TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""

#: Seconds to wait for a file that another process is letting go of.
_PATIENCE_S = 2.0

_Entry = tuple[int, str]  # position in creation order, JSON text


class Store:
    """Objects by kind, parent and id; blobs by id; ids that never come twice."""

    def __init__(self, path: Path | None = None, seed: int = 0) -> None:
        """`path` is an SQLite file, made where there is none; None keeps all in memory. Raises UsageError."""
        self._seed = seed
        self._shelves: dict[str, dict[str, dict[str, _Entry]]] = {}
        self._parents: dict[tuple[str, str], list[str]] = {}
        self._blobs: dict[str, bytes] = {}
        self._counter = self._reserved = 0
        self._seq = 0
        self._file = _opened(path) if path else None
        if self._file:
            self._load(self._file)

    def new_id(self, prefix: str) -> str:
        """`prefix` and 24 base-62 characters, the same sequence for the same seed; never one twice."""
        self._counter += 1
        if self._file and self._counter > self._reserved:
            self._reserved = self._counter + _BLOCK
            self._write("INSERT OR REPLACE INTO counter VALUES ('id', ?)", self._reserved)
        number = int.from_bytes(hashlib.blake2b(f"{self._seed}:{self._counter}".encode(), digest_size=20).digest())
        letters = []
        for _ in range(_ID_LENGTH):
            number, rest = divmod(number, 62)
            letters.append(_BASE62[rest])
        return prefix + "".join(letters)

    def put(self, kind: str, identifier: str, value: dict[str, Any], parent: str = "") -> None:
        """Keep a copy of `value`; an object that is there already is replaced and keeps its place in the order."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        shelf = self._shelves.setdefault(kind, {}).setdefault(parent, {})
        old = shelf.get(identifier)
        if old is None:
            self._seq += 1
            self._parents.setdefault((kind, identifier), []).append(parent)
        seq = old[0] if old else self._seq
        shelf[identifier] = (seq, text)
        if self._file:
            self._write("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?)", seq, kind, parent, identifier, text)

    def get(self, kind: str, identifier: str, parent: str | None = None) -> dict[str, Any] | None:
        """A copy of the object, None where there is none; without `parent` under whatever parent it stands."""
        if parent is None:
            homes = self._parents.get((kind, identifier))
            if not homes:
                return None
            parent = homes[0]
        entry = self._shelves.get(kind, {}).get(parent, {}).get(identifier)
        return json.loads(entry[1]) if entry else None

    def delete(self, kind: str, identifier: str, parent: str | None = None) -> bool:
        """Forget an object (without `parent` under every parent); False where there was none."""
        homes = self._parents.get((kind, identifier), [])
        found = [home for home in homes if parent is None or home == parent]
        for home in found:
            del self._shelves[kind][home][identifier]
            homes.remove(home)
            if self._file:
                self._write("DELETE FROM object WHERE kind = ? AND parent = ? AND id = ?", kind, home, identifier)
        if not homes:
            self._parents.pop((kind, identifier), None)
        return bool(found)

    def list(self, kind: str, parent: str | None = None) -> list[dict[str, Any]]:
        """Copies of all objects of a kind in the order of their creation; with `parent` only those under it."""
        shelves = self._shelves.get(kind, {})
        if parent is not None:
            texts = [text for _, text in shelves.get(parent, {}).values()]
        else:
            texts = [text for _, text in sorted(entry for shelf in shelves.values() for entry in shelf.values())]
        listed: list[dict[str, Any]] = json.loads(f"[{','.join(texts)}]")
        return listed

    def blob_put(self, identifier: str, content: bytes) -> None:
        """Keep bytes."""
        if self._file:
            self._write("INSERT OR REPLACE INTO blob VALUES (?, ?)", identifier, content)
        else:
            self._blobs[identifier] = content

    def blob_get(self, identifier: str) -> bytes | None:
        """The bytes, None where there are none."""
        if not self._file:
            return self._blobs.get(identifier)
        row = self._file.execute("SELECT content FROM blob WHERE id = ?", (identifier,)).fetchone()
        return bytes(row[0]) if row else None

    def blob_delete(self, identifier: str) -> bool:
        """Forget bytes; False where there were none."""
        if not self._file:
            return self._blobs.pop(identifier, None) is not None
        return self._write("DELETE FROM blob WHERE id = ?", identifier) > 0

    def commit(self) -> None:
        """Make all writes since the last commit durable, together; nothing to do in memory."""
        if self._file and self._file.in_transaction:
            self._file.execute("COMMIT")

    def close(self) -> None:
        """Commit and let go of the file."""
        if self._file:
            self.commit()
            self._file.close()
            self._file = None

    def _write(self, statement: str, *values: Any) -> int:
        file = self._file
        if file is None:
            return 0
        if not file.in_transaction:
            file.execute("BEGIN IMMEDIATE")
        return file.execute(statement, values).rowcount

    def _load(self, file: sqlite3.Connection) -> None:
        row = file.execute("SELECT value FROM counter WHERE name = 'id'").fetchone()
        self._counter = self._reserved = row[0] if row else 0
        for seq, kind, parent, identifier, text in file.execute("SELECT * FROM object ORDER BY seq"):
            self._shelves.setdefault(kind, {}).setdefault(parent, {})[identifier] = (seq, text)
            self._parents.setdefault((kind, identifier), []).append(parent)
            self._seq = max(self._seq, seq)


def _opened(path: Path) -> sqlite3.Connection:
    """The file, for this process alone: two servers on one file would each miss what the other does."""
    try:
        file = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        file.executescript(_TABLES)
    except sqlite3.Error as error:
        raise UsageError(f"{path}: cannot keep the state there ({error}): choose another --db") from error
    return file
