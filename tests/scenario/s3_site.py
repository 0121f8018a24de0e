"""Sites whose objects are in a bucket of the real S3 gateway (tests/servers/ceph-gateway). Import the fixtures."""

import hashlib
import json
import os
import pathlib
import time
import urllib.parse

import pytest

BUCKET = "decant-scenario"


@pytest.fixture
def gateway():
    state = json.loads(pathlib.Path(os.environ["DECANT_S3_GATEWAY"]).read_text())
    if "skip" in state:
        pytest.skip(state["skip"])
    return state


@pytest.fixture
def bucket(gateway):
    """Another S3 client, of people who do not know decant."""
    session = pytest.importorskip("botocore.session").Session()
    client = session.create_client("s3", region_name="us-east-1", endpoint_url=gateway["endpoint"],
                                   aws_access_key_id=gateway["access_key"], aws_secret_access_key=gateway["secret_key"])
    client.create_bucket(Bucket=BUCKET)
    return Bucket(client, f"t{time.monotonic_ns()}")


class Bucket:
    def __init__(self, client, prefix):
        self.client, self.prefix = client, prefix

    def keys(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=self.prefix + "/")
        return {entry["Key"].removeprefix(self.prefix + "/") for page in pages for entry in page.get("Contents", [])}

    def unfinished(self):
        uploads = self.client.list_multipart_uploads(Bucket=BUCKET, Prefix=self.prefix + "/").get("Uploads", [])
        return [upload["Key"] for upload in uploads]

    def replace(self, key, content):
        """Other bytes, as if they had been put like this."""
        metadata = {"sha256": hashlib.sha256(content).hexdigest()}
        self.client.put_object(Bucket=BUCKET, Key=f"{self.prefix}/{key}", Body=content, Metadata=metadata)

    def content(self, key):
        return self.client.get_object(Bucket=BUCKET, Key=f"{self.prefix}/{key}")["Body"].read()


@pytest.fixture
def make_s3_site(make_site, gateway, bucket, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", gateway["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", gateway["secret_key"])

    def make(**settings):
        query = urllib.parse.urlencode({"endpoint": gateway["endpoint"], "region": "us-east-1"})
        return make_site(objects=f"s3://{BUCKET}/{bucket.prefix}?{query}", object_part_size="5MiB", **settings)
    return make
