"""Tests of pytest_rtopt/evidence/flags/."""
