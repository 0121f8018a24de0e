"""How a good client uploads where things break."""

import time

import requests


def submit_until_accepted(client, audio, key):
    """As a good client does: the same key until there is an answer."""
    while True:
        try:
            answer = client.post(audio, "flac", name=f"{key}.wav", key=key)
        except requests.RequestException:
            time.sleep(0.05)
            continue
        if answer.status_code == 201:
            return answer.json()["task"]["id"]
        assert answer.status_code in (409, 429, 503), answer.text
        time.sleep(0.1)
