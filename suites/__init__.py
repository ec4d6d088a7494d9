"""The conformance suites, which `pytest --pyargs pytest_rtopt.suites` runs."""
