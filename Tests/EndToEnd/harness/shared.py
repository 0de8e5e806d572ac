"""The engines that tests share, each started when the first of them asks."""

import functools

from . import custos
from .engine import Engine


@functools.cache
def engine():
    """A running engine with the busybox image."""
    return Engine().start().with_busybox()


@functools.cache
def server():
    """A second engine, as if on a server of its own, with both images: for what mounts all of it or has networks."""
    return Engine(apart=True).start().with_busybox().with_custos(custos.binary())


@functools.cache
def _custos_image():
    engine().with_custos(custos.binary())


def engine_with_custos():
    """The same engine with the image of the program under test."""
    _custos_image()
    return engine()
