"""What gradients and updates look like where learning goes well, and who says so."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.views.layer_plot import Zone


def norm_zones() -> tuple[Zone, ...]:
    """Of the norm of a layer's gradient."""
    translate = QCoreApplication.translate
    return (
        Zone(None, -6.0, "warning", translate("HistoriesView", "vanishing")),
        Zone(2.0, None, "error", translate("HistoriesView", "exploding")),
    )


def ratio_zones() -> tuple[Zone, ...]:
    """Of the norm of its update over the norm of its weights."""
    translate = QCoreApplication.translate
    return (
        Zone(None, -5.0, "warning", translate("HistoriesView", "hardly learns")),
        Zone(-3.5, -2.5, "good", translate("HistoriesView", "healthy")),
        Zone(-1.0, None, "error", translate("HistoriesView", "unstable")),
    )


def norm_tip() -> str:
    """The first, explained."""
    return QCoreApplication.translate(
        "HistoriesView",
        "The length of the gradient of all weights of a layer. Below 1e-6 it vanishes: the layer "
        "learns nothing, as the first layers of deep sigmoid networks do. Above 100 it explodes: "
        "one step may throw the weights far off. Both limits are rules of thumb.",
    )


def ratio_tip() -> str:
    """The second, explained."""
    return QCoreApplication.translate(
        "HistoriesView",
        "How long a step is, measured in lengths of the weights that it moves. About 1e-3 is "
        "healthy; below 1e-5 the layer hardly learns, above 0.1 it is unstable. A rule of thumb "
        "of A. Karpathy's: Stanford CS231n, “Ratio of weights:updates”.",
    )
