"""The outside world: each adapter is real and has an in-process twin."""
