"""Whole sites of real programs: Home Assistant, a broker, the bridge, a provider."""
