"""A client of the language server protocol, as small as these tests need: one request at a time, over stdio."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Server:
    """A language server that runs, and an editor's side of the talk with it."""

    def __init__(self, command: list[str], root: Path, settings: Mapping[str, Any]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root)
        self._settings = settings
        self._requests = 0
        self._published: dict[str, list[Json]] = {}
        self._files = 0
        able = {
            "workspace": {"configuration": True},
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
                "hover": {"contentFormat": ["markdown"]},
            },
        }
        self.ask("initialize", processId=None, rootUri=root.as_uri(), capabilities=able)
        self._tell("initialized")
        self._tell("workspace/didChangeConfiguration", settings=settings)

    def ask(self, method: str, **parameters: Any) -> Any:
        """The server's answer to a request."""
        self._requests += 1
        self._send({"id": self._requests, "method": method, "params": parameters})
        while True:
            message = self._next()
            if message.get("id") == self._requests and "method" not in message:
                assert "error" not in message, message
                return message.get("result")

    def open(self, folder: Path, text: str) -> "Buffer":
        """A file of its own in the editor, as if it stood in `folder`; on the disk it is not."""
        self._files += 1
        buffer = Buffer(self, (folder / f"file-{self._files}.yaml").as_uri(), text)
        document = {"uri": buffer.uri, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", textDocument=document)
        return buffer

    def diagnostics(self, uri: str) -> list[Json]:
        """What the server says of a file, once it has said it: it does so by itself, after the file was opened."""
        while uri not in self._published:
            self._next()
        return self._published[uri]

    def close(self) -> None:
        """The end, in order."""
        self.ask("shutdown")
        self._tell("exit")
        self._process.communicate()

    def _tell(self, method: str, **parameters: Any) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: Json) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(f"Content-Length: {len(content)}\r\n\r\n".encode() + content)
        self._process.stdin.flush()

    def _next(self) -> Json:
        """The next message; what the server asks is answered, what it publishes is kept."""
        assert self._process.stdout is not None
        length = 0
        while header := self._process.stdout.readline().strip():
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server has ended"
        message: Json = json.loads(self._process.stdout.read(length))
        if "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        elif message.get("method") == "textDocument/publishDiagnostics":
            said = message["params"]
            self._published[said["uri"]] = said["diagnostics"]
        return message

    def _answer(self, message: Json) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        return [self._settings.get(item.get("section", "")) for item in message["params"]["items"]]


class Buffer:
    """One file that is open."""

    def __init__(self, server: Server, uri: str, text: str) -> None:
        self.uri = uri
        self._server = server
        self._text = text

    def completions(self, at: str) -> dict[str, Json]:
        """What is offered right behind the first `at`, by its label."""
        found = self._server.ask("textDocument/completion", **self._place(at, behind=True))
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"]: item for item in items}

    def hover(self, at: str) -> str:
        """What is shown over the last character of the first `at`."""
        found = self._server.ask("textDocument/hover", **self._place(at, behind=False))
        return str(found["contents"]["value"]) if found else ""

    @property
    def diagnostics(self) -> list[Json]:
        """What is wrong with it."""
        return self._server.diagnostics(self.uri)

    def _place(self, at: str, *, behind: bool) -> Json:
        position = self._text.index(at) + len(at) - (0 if behind else 1)
        before = self._text[:position]
        place = {"line": before.count("\n"), "character": position - before.rfind("\n") - 1}
        return {"textDocument": {"uri": self.uri}, "position": place}
