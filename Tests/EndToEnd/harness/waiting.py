"""Waiting for something to become true, with a limit and a message that says what was missing."""

import time


def eventually(what, condition, timeout=30.0, every=0.02):
    """Returns the first true value of `condition()`; fails with `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            shown = what() if callable(what) else what
            raise AssertionError(f"not within {timeout:g} s: {shown}")
        time.sleep(every)


def throughout(what, condition, seconds, every=0.05):
    """Fails with `what` as soon as `condition()` is false within the next `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not condition():
            shown = what() if callable(what) else what
            raise AssertionError(f"did not hold for {seconds:g} s: {shown}")
        time.sleep(every)
