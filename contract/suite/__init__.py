"""The test module that a user runs: `pytest contract --target URL`."""
