"""Thinks: frames in, frames out. No disk, clock, network, chance or printing."""
