"""Tests in a real browser, against the demo site."""
