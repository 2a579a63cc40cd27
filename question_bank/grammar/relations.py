"""Symbols that stand for a formula of others: h3 for tanh(z3). A formula is compared with them written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from question_bank.grammar.nodes import Binary, Call, Name, Negated, Node

# The one function that has no meaning of its own: the activation, whichever it is.
ACTIVATION = "sigma"


@dataclass(frozen=True)
class Relations:
    """What symbols stand for, and which function sigma is (None: the sigmoid)."""

    formulas: Mapping[str, Node] = field(default_factory=dict)
    activation: str | None = None

    def written_out(self, node: Node) -> Node:
        """The formula with what its symbols stand for."""
        match node:
            case Name():
                return self.formulas.get(node.name, node)
            case Negated():
                return replace(node, operand=self.written_out(node.operand))
            case Binary():
                left, right = self.written_out(node.left), self.written_out(node.right)
                return replace(node, left=left, right=right)
            case Call():
                arguments = tuple(self.written_out(one) for one in node.arguments)
                return replace(node, function=self._function(node.function), arguments=arguments)
        return node

    def _function(self, name: str) -> str:
        if self.activation is None or name.rstrip("'") != ACTIVATION:
            return name
        return self.activation + name[len(ACTIVATION) :]
