"""The organizations of a large inventory: a few distributors of very different sizes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from jasper_inventory.accounts.models import Level, Organization
from jasper_inventory.demo.large.names import KINDS, TOWNS

# The parts of all orders in the scopes of the two distributors that are measured.
LARGEST, MEDIUM = 0.45, 0.10
MOST_DISTRIBUTORS = 8
# Organizations for each reseller and for each hub.
PER_RESELLER, PER_HUB = 100, 20


@dataclass(slots=True, eq=False)
class Node:
    """An organization, with its part of all orders."""

    pk: int
    level: int
    path: str
    name: str
    supplier: "Node | None"
    children: int = 0
    weight: float = 0.0
    # The keys of its administrator and of its teachers.
    administrator: int = 0
    teachers: range = field(default_factory=lambda: range(0))

    @property
    def depth(self) -> int:
        return len(self.path) // Organization.steplen

    def above(self, level: Level) -> int | None:
        """Return the key of the organization on a level, this one or one above; None if none is."""
        node: Node | None = self
        while node is not None and node.level > level:
            node = node.supplier
        return node.pk if node is not None and node.level == level else None


@dataclass
class Tree:
    """All organizations; the named ones have an account to sign in with."""

    vendor: Node
    nodes: list[Node]
    largest: Node
    medium: Node
    hub: Node
    center: Node
    campus: Node


def grow(random: Random, vendor: Organization, number: int, first_pk: int) -> Tree:
    """Return the vendor's tree with this number of organizations below it."""
    root = Node(vendor.pk, Level.VENDOR, vendor.path, vendor.name, None, vendor.numchild)
    tree = Growing(random, root, first_pk)
    branches = [
        tree.branch(max(round(number * share), 6), share)
        for share in _shares(min(max(number // 12, 3), MOST_DISTRIBUTORS))
    ]
    largest = branches[0]
    hub = next(node for node in largest if node.level == Level.HUB)
    center, campus = (tree.add(hub, Level.CENTER) for _at in range(2))
    return Tree(root, tree.nodes, largest[0], branches[1][0], hub, center, campus)


def _shares(distributors: int) -> list[float]:
    rest = [1 / (at + 1) for at in range(distributors - 2)]
    return [LARGEST, MEDIUM, *((1 - LARGEST - MEDIUM) * each / sum(rest) for each in rest)]


class Growing:
    """Adds organizations to a tree."""

    def __init__(self, random: Random, root: Node, first_pk: int) -> None:
        self.random, self.root, self.first_pk = random, root, first_pk
        self.nodes: list[Node] = []

    def add(self, supplier: Node, level: Level) -> Node:
        """Add an organization below another."""
        supplier.children += 1
        at = self.first_pk + len(self.nodes)
        name = f"{self.random.choice(TOWNS)} {self.random.choice(KINDS[level.name])}"
        # Some names repeat, as those of schools do.
        name = name if self.random.random() < 0.2 else f"{name} {at}"
        depth = supplier.depth + 1
        path = Organization._get_path(supplier.path, depth, supplier.children)
        self.nodes.append(Node(at, level, path, name, supplier))
        return self.nodes[-1]

    def branch(self, size: int, share: float) -> list[Node]:
        """Add a distributor with its sub-organizations, which share its part of all orders."""
        top = self.add(self.root, Level.DISTRIBUTOR)
        resellers = [self.add(top, Level.RESELLER) for _at in range(max(size // PER_RESELLER, 1))]
        hubs = [
            self.add(top if self.random.random() < 0.15 else self._one_of(resellers), Level.HUB)
            for _at in range(max(size // PER_HUB, 1))
        ]
        suppliers = [top, *resellers, *hubs]
        centers = [
            self.add(self._supplier(top, resellers, hubs), Level.CENTER)
            for _at in range(size - len(suppliers))
        ]
        for node, weight in self._weights(suppliers, centers):
            node.weight = weight
        nodes = suppliers + centers
        whole = sum(node.weight for node in nodes)
        for node in nodes:
            node.weight *= share / whole
        return nodes

    def _supplier(self, top: Node, resellers: list[Node], hubs: list[Node]) -> Node:
        drawn = self.random.random()
        if drawn < 0.15:
            return top
        return self._one_of(resellers if drawn < 0.25 else hubs)

    def _one_of(self, suppliers: list[Node]) -> Node:
        # The first ones have the largest branches.
        return suppliers[int(len(suppliers) * self.random.random() ** 2)]

    def _weights(self, suppliers: list[Node], centers: list[Node]) -> Iterator[tuple[Node, float]]:
        for node in suppliers:
            yield node, 0.5
        for node in centers:
            yield node, min(self.random.paretovariate(1.1), 100)
