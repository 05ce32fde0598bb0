"""How far training pictures are changed: a description, which waits for no torch."""

from __future__ import annotations

from pydantic import Field

from core.catalog.base import Model

DRAWN_ON = 28
"""Pixels of the side that lengths are told for; on other sides they are as long in proportion."""


class Augmentation(Model):
    """Each epoch shows every training picture changed anew; test pictures never are.

    Each change is drawn evenly between none and the most that is told here, either way.
    """

    on: bool = Field(
        False,
        title="Augmentation",
        description="Shows every training picture a little changed, each epoch anew.",
    )
    shift: float = Field(
        1.5,
        ge=0,
        le=8,
        title="Shift, pixels",
        description="Moves a picture by up to so many of its 28 pixels, across and down.",
    )
    turn: float = Field(
        12, ge=0, le=45, title="Turn, degrees", description="Turns it by up to so many degrees."
    )
    scale: float = Field(
        0.12,
        ge=0,
        le=0.5,
        title="Scale, share",
        description="Makes its width and its height each up to so much larger or smaller: "
        "0.1 is a tenth.",
    )
    shear: float = Field(
        15,
        ge=0,
        le=45,
        title="Slant, degrees",
        description="Slants it by up to so many degrees (shear).",
    )
    thickness: float = Field(
        0.6,
        ge=0,
        le=1,
        title="Thickness, pixels",
        description="Makes its strokes thicker by up to so many pixels on each side, or thinner.",
    )
    elastic: float = Field(
        1.2,
        ge=0,
        le=4,
        title="Wobble, pixels",
        description="Pulls its parts about by up to some so many pixels, as elastic paper would.",
    )
    habits: float = Field(
        0.3,
        ge=0,
        le=1,
        title="Habits, share",
        description="Puts a bar through this share of the sevens and a slash through that of the "
        "zeros, and gives that of the ones a flag, a foot or both.",
    )
