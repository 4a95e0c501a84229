"""The parts of `check`: each looks at one thing and returns findings."""
