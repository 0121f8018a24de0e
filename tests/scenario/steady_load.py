"""People who upload and download all the time, and note what they saw."""

import collections
import hashlib
import random
import threading
import time

import requests

SLOW = 2  # seconds after which somebody who waits counts as badly served
PATIENCE = 100  # seconds for which somebody tries again

Try = collections.namedtuple("Try", "kind start end error mended")


class GaveUp(AssertionError):
    pass


class SteadyLoad:
    """Threads of each kind, with a pause between two requests, until close() or `most` uploads. They send `sounds`; others that are added to it later
    only who asks for them by number."""

    def __init__(self, client, sounds, targets, uploaders=3, downloaders=3, lookers=2, most=2000):
        self.client, self.sounds, self.targets, self.most = client, list(sounds), targets, most
        self.usual = len(sounds)
        self.chance = random.Random(20261128)
        self.lock = threading.Lock()
        self.tries = []
        self.accepted = {}  # task id: which sound and target
        self.failures = []
        self.count = 0
        self.busy = 0
        self.idle = threading.Condition(self.lock)
        self.running, self.closed = threading.Event(), threading.Event()
        self.threads = [threading.Thread(target=self.live, args=(act,), daemon=True)
                        for act in [self.upload] * uploaders + [self.download] * downloaders + [self.look] * lookers]
        for thread in self.threads:
            thread.start()

    def live(self, act):
        while not self.closed.is_set():
            if not self.running.wait(0.2):
                continue
            with self.lock:
                self.busy += 1
            try:
                act()
            except Exception as failure:
                self.failures.append(failure)
                return
            finally:
                with self.idle:
                    self.busy -= 1
                    self.idle.notify_all()
            time.sleep(self.chance.uniform(0.1, 0.4))

    def resume(self):
        self.running.set()

    def pause(self):
        """Returns when everybody has the last answer."""
        self.running.clear()
        with self.idle:
            assert self.idle.wait_for(lambda: self.busy == 0, PATIENCE + 30), "somebody waits for ever"

    def close(self):
        self.closed.set()
        self.running.clear()
        for thread in self.threads:
            thread.join(PATIENCE)

    def upload(self, sound=None, target=None):
        """The id of a task that was accepted."""
        with self.lock:
            self.count += 1
            number = self.count
        if number > self.most:
            self.closed.set()
            return None
        if sound is None:
            sound = number % self.usual
            target = self.targets[number % len(self.targets)]
        key = f"upload-{number}"
        answer = self.persist("upload", lambda: self.client.post(self.sounds[sound], target, name=f"{key}.wav", key=key), 201)
        task = answer.json()["task"]["id"]
        with self.lock:
            self.accepted[task] = (sound, target)
        return task

    def look(self):
        """A late task, as it is now; None while there is none."""
        with self.lock:
            if not self.accepted:
                return None
            task_id = self.chance.choice(list(self.accepted)[-60:])
        return self.persist("look", lambda: self.client.request("GET", f"/api/tasks/{task_id}"), 200).json()

    def download(self):
        task = self.look()
        if task is None:
            return
        task_id = task["id"]
        which = "result" if task["state"] == "PROCESSED" else "original"
        answer = self.persist("download", lambda: self.client.request("GET", f"/api/download/{task_id}?which={which}"), 200)
        sound = self.sounds[self.accepted[task_id][0]]
        wanted = task["result"]["sha256"] if which == "result" else hashlib.sha256(sound).hexdigest()
        assert hashlib.sha256(answer.content).hexdigest() == wanted, f"a wrong file for {task_id}"

    def persist(self, kind, request, wanted):
        """As a good client does: the same request, with the same Idempotency-Key, until it is answered."""
        failed = []
        give_up = time.monotonic() + PATIENCE
        while True:
            start = time.monotonic()
            error, pause = None, 0.2
            try:
                answer = request()
                # requests takes a body for whole that ends too early.
                if len(answer.content) < int(answer.headers.get("Content-Length", 0)):
                    raise requests.ConnectionError
                if answer.status_code != wanted:
                    by_decant = "X-Request-Id" in answer.headers
                    error = f"{answer.status_code} of {'decant' if by_decant else 'HAProxy'}"
                    assert answer.status_code in (502, 503, 504) or (answer.status_code == 429), f"{kind}: {error} {answer.text}"
                    assert "Retry-After" in answer.headers and answer.json()["status"] == answer.status_code, answer.headers
                    assert not by_decant or answer.status_code in (503, 429), answer.text
                    pause = min(int(answer.headers["Retry-After"]), 1)
            except requests.Timeout:
                error = "timeout"
            except requests.RequestException:
                error = "broken off"
            now = time.monotonic()
            if error is None:
                with self.lock:
                    self.tries += [Try(kind, *one, True) for one in failed]
                    self.tries.append(Try(kind, start, now, None, True))
                return answer
            failed.append((start, now, error))
            if now > give_up:
                with self.lock:
                    self.tries += [Try(kind, *one, False) for one in failed]
                raise GaveUp(f"{kind}: {collections.Counter(one[2] for one in failed)}")
            time.sleep(pause)

    def summary(self, begin, end):
        """What was seen from `begin` to `end`."""
        with self.lock:
            seen = [one for one in self.tries if one.end >= begin and one.start < end]
        errors = [one for one in seen if one.error]
        bad_seconds = set()
        for one in seen:
            if one.error or one.end - one.start > SLOW:
                bad_seconds.update(range(int(max(one.start, begin) - begin), int(min(one.end, end) - begin) + 1))
        return {
            "tries": len(seen),
            "errors": len(errors),
            "mended": sum(one.mended for one in errors),
            "kinds": dict(collections.Counter(f"{one.kind} {one.error}" for one in errors)),
            "rate": len(errors) / max(1, len(seen)),
            "degraded": len(bad_seconds),
            "slowest": max((one.end - one.start for one in seen), default=0.0),
            "slowest look": max((one.end - one.start for one in seen if one.kind == "look"), default=0.0),
        }
