"""The conformance suites: what `pytest --pyargs pytest_rtopt.suites` runs."""
