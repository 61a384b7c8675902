"""Doing it later: what a batch means, callbacks, and the engine that survives being killed."""
