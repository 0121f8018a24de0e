"""A small HTTP client for load: keep-alive over one plain socket, bodies by sendfile, every answer checked."""

import json
import os
import socket


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Client:
    """One connection, one request at a time."""

    def __init__(self, port, token=None):
        self.port = port
        self._connect()
        self.authorization = f"Authorization: Bearer {token}\r\n" if token else ""

    def close(self):
        self.socket.close()

    def _connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def _follow(self, headers):
        """Some servers end the connection after each answer, and say so."""
        if headers.get("connection", "").lower() == "close":
            self.close()
            self._connect()

    def request(self, method, path, body=b"", content_type="application/json", keep_body=True):
        head = (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self.authorization}"
                f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n")
        self.socket.sendall(head.encode() + body)
        return self.read_answer(keep_body)

    def send_file(self, method, path, file, content_type, before=b"", after=b""):
        """Sends before + the file + after as one body."""
        length = len(before) + os.fstat(file.fileno()).st_size + len(after)
        head = (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self.authorization}"
                f"Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n")
        self.socket.sendall(head.encode() + before)
        file.seek(0)
        self.socket.sendfile(file)
        if after:
            self.socket.sendall(after)
        return self.read_answer()

    def read_answer(self, keep_body=True):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        if keep_body:
            while len(rest) < length:
                chunk = self.socket.recv(1 << 20)
                if not chunk:
                    raise ConnectionError("the server closed in the middle of an answer")
                rest += chunk
            self.buffer = rest[length:]
            self._follow(headers)
            return Answer(status, headers, rest[:length])
        left = length - len(rest)
        space = memoryview(bytearray(1 << 20))
        while left > 0:
            got = self.socket.recv_into(space, min(left, len(space)))
            if got == 0:
                raise ConnectionError("the server closed in the middle of an answer")
            left -= got
        self.buffer = b""
        self._follow(headers)
        return Answer(status, headers, length)

    def _fill(self):
        chunk = self.socket.recv(1 << 16)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.buffer += chunk


BOUNDARY = "decant-bench-boundary"


def form_parts(fields, filename):
    """The bytes before and after the file of a multipart/form-data body (RFC 7578)."""
    before = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                     for name, value in fields.items())
    before += (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="audio"; filename="{filename}"\r\n'
               "Content-Type: application/octet-stream\r\n\r\n")
    return before.encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def upload(client, file, filename, target):
    """Uploads an open file for conversion and returns the task."""
    before, after = form_parts({"newFormat": target}, filename)
    answer = client.send_file("POST", "/api/tasks", file, f"multipart/form-data; boundary={BOUNDARY}", before, after)
    if answer.status != 201:
        raise RuntimeError(f"upload answered {answer.status}: {answer.body[:400]!r}")
    return answer.json()["task"]


def sign_up(port, name="bench"):
    """Makes the account once and returns a token."""
    client = Client(port)
    password = "bench-password-1"
    account = {"user": name, "email": f"{name}@example.org", "password1": password, "password2": password}
    answer = client.request("POST", "/api/auth/signup", json.dumps(account).encode())
    if answer.status not in (201, 409):
        raise RuntimeError(f"signup answered {answer.status}: {answer.body!r}")
    answer = client.request("POST", "/api/auth/login",
                            json.dumps({"email": account["email"], "password": password}).encode())
    if answer.status != 200:
        raise RuntimeError(f"login answered {answer.status}: {answer.body!r}")
    client.close()
    return answer.json()["token"]
