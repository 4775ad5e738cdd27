"""Releasing: everything that is given out of one version, packed so that it can be checked."""
