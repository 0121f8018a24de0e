"""A collector of OpenTelemetry's, as far as decant needs one: takes spans by OTLP/HTTP in JSON and believes nothing about them."""

import contextlib
import http.server
import json
import re
import threading
import time

HEX = {16: re.compile(r"[0-9a-f]{16}"), 32: re.compile(r"[0-9a-f]{32}")}
NUMBER = re.compile(r"0|[1-9][0-9]{0,19}")
# opentelemetry.proto.trace.v1.Span.SpanKind
INTERNAL, SERVER, CONSUMER = 1, 2, 5


def fields(value, needed, optional=()):
    """An object with these fields and no other: a parser of protobuf's JSON may refuse names that it does not know."""
    assert isinstance(value, dict) and set(needed) <= set(value) <= set(needed) | set(optional), value
    return [value.get(name) for name in (*needed, *optional)]


def parse_id(text, digits):
    assert HEX[digits].fullmatch(text) and set(text) != {"0"}, text
    return text


def parse_number(text):
    """64-bit integers are strings in JSON."""
    assert isinstance(text, str) and NUMBER.fullmatch(text), text
    return int(text)


def parse_attributes(attributes):
    found = {}
    for attribute in attributes:
        key, value = fields(attribute, ("key", "value"))
        assert key not in found
        (kind, content), = value.items()
        assert kind in ("stringValue", "intValue") and isinstance(content, str)
        found[key] = parse_number(content) if kind == "intValue" else content
    return found


class Span:
    def __init__(self, value):
        (trace, span, self.name, self.kind, start, end, attributes, parent, status) = fields(
            value, ("traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes"), ("parentSpanId", "status"))
        self.trace, self.id = parse_id(trace, 32), parse_id(span, 16)
        self.parent = None if parent is None else parse_id(parent, 16)
        assert isinstance(self.name, str) and self.name
        assert type(self.kind) is int and self.kind in (INTERNAL, SERVER, CONSUMER)
        self.start, self.end = parse_number(start), parse_number(end)
        assert self.start <= self.end
        assert abs(self.end / 1e9 - time.time()) < 120, "nanoseconds since 1970"
        self.attributes = parse_attributes(attributes)
        assert status in (None, {"code": 2})
        self.failed = status is not None
        assert ("error.type" in self.attributes) == self.failed

    def __repr__(self):
        return f"{self.name} {self.trace}/{self.id} under {self.parent} {self.attributes}"


def parse_request(body):
    """The spans, each with the resource's attributes as `resource`."""
    found = []
    (resources,) = fields(json.loads(body), ("resourceSpans",))
    for each in resources:
        resource, scopes = fields(each, ("resource", "scopeSpans"))
        (described,) = fields(resource, ("attributes",))
        for scope_spans in scopes:
            scope, spans = fields(scope_spans, ("scope", "spans"))
            assert fields(scope, ("name", "version"))[0] == "decant"
            assert spans, "an empty batch"
            for value in spans:
                span = Span(value)
                span.resource = parse_attributes(described)
                found.append(span)
    return found


class Collector:
    """Listens at `url`. `status` is what it answers, after `delay` seconds."""

    def __init__(self):
        self.status, self.delay = 200, 0
        self.spans, self.faults, self.requests = [], [], 0
        self.lock = threading.Lock()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector.take(self)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        with self.lock:
            self.requests += 1
            try:
                assert request.path == "/v1/traces"
                assert request.headers["Content-Type"] == "application/json"
                spans = parse_request(body)
                if self.status == 200:
                    self.spans += spans
            except Exception as fault:  # a test reads it: in this thread nobody would
                self.faults.append(f"{fault!r} in {body[:2000]}")
        time.sleep(self.delay)
        with contextlib.suppress(OSError):
            request.send_response(self.status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", "2")
            request.end_headers()
            request.wfile.write(b"{}")

    def find(self, **wanted):
        """The spans with these attributes of theirs (name, trace, …)."""
        with self.lock:
            assert self.faults == []
            assert len({(span.trace, span.id) for span in self.spans}) == len(self.spans), "no span twice"
            return [span for span in self.spans if all(getattr(span, key) == value for key, value in wanted.items())]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
