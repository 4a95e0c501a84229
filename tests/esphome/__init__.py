"""Tests with a real ESPHome node: the package owners include, built and run."""
