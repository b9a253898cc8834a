"""Makers of the views whose modules are loaded only when they are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lstmviz.gui.document import Document
from lstmviz.gui.theme import Appearance

if TYPE_CHECKING:
    from lstmviz.gui.diagram.diagram import ShapeDiagram
    from lstmviz.gui.panels.cell import CellPanel
    from lstmviz.gui.panels.code import CodePanel
    from lstmviz.gui.panels.compare import ComparePanel
    from lstmviz.gui.panels.contract import ContractPanel
    from lstmviz.gui.panels.facts import FactsPanel
    from lstmviz.gui.panels.lab import LabPanel
    from lstmviz.gui.unrolled.view import UnrolledView


@dataclass(frozen=True, slots=True)
class LaterViews:
    """Make views of one document, each with its module imported inside.

    Attributes
    ----------
    document : Document
    appearance : Appearance
    """

    document: Document
    appearance: Appearance

    def diagram(self) -> ShapeDiagram:
        """Make the diagram of shapes."""
        from lstmviz.gui.diagram.diagram import ShapeDiagram

        return ShapeDiagram(self.document, self.appearance)

    def unrolled(self) -> UnrolledView:
        """Make the unrolled network."""
        from lstmviz.gui.unrolled.view import UnrolledView

        return UnrolledView(self.document, self.appearance)

    def contract(self) -> ContractPanel:
        """Make the table of shapes."""
        from lstmviz.gui.panels.contract import ContractPanel

        return ContractPanel(self.document, self.appearance)

    def cell(self) -> CellPanel:
        """Make the equations of one cell."""
        from lstmviz.gui.panels.cell import CellPanel

        return CellPanel(self.document, self.appearance)

    def facts(self) -> FactsPanel:
        """Make the list of facts."""
        from lstmviz.gui.panels.facts import FactsPanel

        return FactsPanel(self.document, self.appearance)

    def code(self) -> CodePanel:
        """Make the program that makes the run."""
        from lstmviz.gui.panels.code import CodePanel

        return CodePanel(self.document, self.appearance)

    def compare(self) -> ComparePanel:
        """Make the comparison with a pinned run."""
        from lstmviz.gui.panels.compare import ComparePanel

        return ComparePanel(self.document, self.appearance)

    def lab(self) -> LabPanel:
        """Make the error lab."""
        from lstmviz.gui.panels.lab import LabPanel

        return LabPanel(self.document, self.appearance)
