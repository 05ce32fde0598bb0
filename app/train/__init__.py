"""Perspective Train: how a run goes."""
