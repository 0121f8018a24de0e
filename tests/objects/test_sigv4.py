"""Our signatures against botocore's, which nobody here wrote, over keys, queries and ports that signers get wrong."""

import datetime
import hashlib
import itertools
import json
import os
import pathlib
import random
import subprocess
import urllib.parse

import pytest

auth = pytest.importorskip("botocore.auth")
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402

TOOL = pathlib.Path(os.environ["DECANT_BIN"]) / "decant_signing_tool"
TIME = datetime.datetime(2026, 11, 23, 23, 15, 59)
HARD = ["plain", "two words", "a+b", "!()*'", "ñandú/日本.mp3", "100%", "%2F", "a=b&c", "~_-.", "a//b", ";:@,$?#[]", "\"<>\\^`{|}"]
ORIGINS = ["https://bucket.s3.eu-west-1.amazonaws.com", "http://127.0.0.1:7480", "https://store.example:443", "http://store.example:443"]


class FixedTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return TIME

    @classmethod
    def now(cls, tz=None):
        return TIME.replace(tzinfo=tz)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    monkeypatch.setattr(auth.datetime, "datetime", FixedTime)


def cases():
    chance = random.Random(20261123)
    for origin, key, other in itertools.product(ORIGINS, HARD, HARD):
        query = [("prefix", other), ("uploads", ""), (other[:3], key)] if chance.random() < 0.7 else []
        headers = [("x-amz-meta-name", "a  b"), ("Range", "bytes=0-9")] if chance.random() < 0.5 else []
        yield {"kind": chance.choice(["sign", "presign"]), "method": chance.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]),
               "origin": origin, "path": f"/{key}/{other}", "query": list(dict(query).items()), "headers": headers,
               "access_key": "AKIDEXAMPLE", "secret_key": "se/cret+key=", "token": chance.choice(["", "to/ken+="]),
               "region": chance.choice(["eu-west-1", "auto"]), "time": int(TIME.replace(tzinfo=datetime.UTC).timestamp()),
               "payload_sha256": hashlib.sha256(key.encode()).hexdigest(), "lifetime": 300}


def botocores(case):
    path = urllib.parse.quote(case["path"], safe="/~")
    query = urllib.parse.urlencode(case["query"], quote_via=urllib.parse.quote, safe="~")
    url = case["origin"] + path + ("?" + query if query else "")
    credentials = Credentials(case["access_key"], case["secret_key"], case["token"] or None)
    request = AWSRequest(case["method"], url, headers=dict(case["headers"]))
    if case["kind"] == "presign":
        auth.S3SigV4QueryAuth(credentials, "s3", case["region"], expires=case["lifetime"]).add_auth(request)
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.url).query, keep_blank_values=True))
    request.context["payload_signing_enabled"] = True
    signer = auth.S3SigV4Auth(credentials, "s3", case["region"])
    signer.payload = lambda _: case["payload_sha256"]
    signer.add_auth(request)
    return request.headers["Authorization"]


def test_pitfall12_signs_as_botocore_does():
    asked = list(cases())
    answers = subprocess.run([TOOL], input="".join(json.dumps(case) + "\n" for case in asked), text=True, check=True,
                             capture_output=True).stdout.splitlines()
    assert len(answers) == len(asked) > 500
    for case, answer in zip(asked, answers):
        if case["kind"] == "presign":
            answer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer).query, keep_blank_values=True))
        assert answer == botocores(case), case
