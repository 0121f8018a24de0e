"""Makes what test_machine.py and test_image.py begin with, where it is not there yet."""

import pytest

import debian
from conftest import CACHE


def test_a_clean_debian_is_made(package):
    if reason := debian.why_not():
        pytest.skip(reason)
    if debian.make_base(CACHE, package) is None:
        pytest.skip(f"{debian.MIRROR} cannot be reached")
