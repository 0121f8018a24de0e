import pytest

from harness import Site


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    site = item.funcargs.get("make_site")
    if report.when == "call" and report.failed and site:
        report.sections.append(("decant", "\n".join(made.logs() for made in site.made)))


@pytest.fixture
def make_site(tmp_path):
    """make_site(setting=value, …): a Site whose processes end with the test."""
    def make(**settings):
        site = Site(tmp_path, **settings)
        make.made.append(site)
        return site
    make.made = []
    yield make
    for site in make.made:
        site.close()
