"""The outside world, each part with one that lives in this process: the live bus between writers and boards."""
