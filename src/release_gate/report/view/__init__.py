"""From a report to phrased values: the only thing that templates ever see."""

from release_gate.report.view.build import build
from release_gate.report.view.types import Caps, RunView

__all__ = ["Caps", "RunView", "build"]
