"""The Pi relay bridge: its core with a fake clock, its process with a real broker."""
