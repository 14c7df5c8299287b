"""The source document as pages: under which heading each claim stands, and in which words.

It loads a markdown parser, so it is for those who ask about a claim; a diagnosis needs `grades` at most. Nothing here
judges a claim: `grades` says how well it stands, the claims index what its figures are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from posixpath import join, normpath

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from msgspec import Struct

from diagnose.rulebase.base_files import SourceFile, read_folder
from diagnose.rulebase.faults import Fault, error_of
from diagnose.rulebase.knowledge import Claim
from diagnose.rulebase.reading.claim_files import unknown_claims
from diagnose.rulebase.reading.knowledge_files import CLAIMS, read_knowledge
from diagnose.rulebase.rule import CLAIM_ID

FOLDER = "document"
SUFFIX = ".md"

_STATEMENT = re.compile(rf"\*\*({CLAIM_ID})\*\*\s*(.*)", re.DOTALL)
"""How a claim begins, in a list item or in the first cell of a table row: its id in bold."""
_MARKER = re.compile(r"\s*(?:[-*+]|[0-9]+[.)])\s+")


class Heading(Struct, frozen=True):
    """A heading of a page. `slug` is its anchor, spelled as code hosts spell it; `line` is 1-based."""

    slug: str
    title: str
    level: int
    line: int


class Passage(Struct, frozen=True):
    """A claim as it stands in the document: page, heading, 1-based line and text.

    The text is markdown without the id; a table row reads as its cells, each after the title of its column.
    """

    claim: str
    page: str
    heading: Heading
    line: int
    text: str

    @property
    def anchor(self) -> str:
        """The heading as a link to follow from another page: weights.md#the-measure."""
        return f"{self.page}#{self.heading.slug}"


class Link(Struct, frozen=True):
    """A link as it is written, and its 1-based line."""

    target: str
    line: int


class Page(Struct, frozen=True):
    """One file: its name ("weights.md"), its headings (the first is its title), claims and links, as they follow."""

    name: str
    headings: tuple[Heading, ...]
    passages: tuple[Passage, ...]
    links: tuple[Link, ...]


class Document(Struct, frozen=True):
    """The pages by name, and the passage of every claim, in the order of the claims index."""

    pages: Mapping[str, Page]
    passages: Mapping[str, Passage]


def load_document(knowledge_dir: Path) -> Document:
    """Read the pages, and see that each claim stands in exactly one place and every link leads somewhere.

    Raises:
        DiagnoseError: the knowledge or a page has faults; all of them are listed.
    """
    files, faults = read_folder(knowledge_dir)
    knowledge, documents, wrong = read_knowledge(knowledge_dir, files)
    if faults or wrong:  # without the index every claim would seem to be unknown
        raise error_of([*faults, *wrong])
    sources = [file for file in files if file.name.startswith(f"{FOLDER}/") and file.path.suffix == SUFFIX]
    pages = []
    for source in sources:
        page, wrong = _read_page(source, knowledge.claims)
        pages.append(page)
        faults += wrong
    folder = knowledge_dir / FOLDER
    faults += [*_doubled(folder, pages), *_broken(folder, pages, {file.name for file in files})]
    passages = {passage.claim: passage for page in pages for passage in page.passages}
    for number, claim in enumerate(knowledge.claims):
        if claim not in passages:
            text = f"claim {claim} stands on no page of the document"
            faults.append(documents[CLAIMS].fault(("claims", number), text))
    if faults:
        raise error_of(faults)
    return Document({page.name: page for page in pages}, {claim: passages[claim] for claim in knowledge.claims})


def _read_page(file: SourceFile, claims: Mapping[str, Claim]) -> tuple[Page, list[Fault]]:
    """The page, and its faults: what is no text, what has no title, headings that repeat, ids that no claim has."""
    path, name = str(file.path), file.name.removeprefix(f"{FOLDER}/")
    text = file.text()
    if isinstance(text, Fault):
        return Page(name, (), (), ()), [text]
    page = _parse(name, text)
    if page is None:
        return Page(name, (), (), ()), [Fault(path, 1, "begin the page with its title: # ...")]
    faults = [
        Fault(path, line, complaint)
        for line, words in enumerate(text.splitlines(), start=1)
        for complaint in unknown_claims(words, claims)
    ]
    counts = Counter(heading.slug for heading in page.headings)
    faults += [
        Fault(path, heading.line, f"more than one heading of this page has the anchor #{heading.slug}")
        for heading in page.headings
        if counts[heading.slug] > 1
    ]
    return page, faults


def _parse(name: str, text: str) -> Page | None:
    """The page as its text has it; None where it does not begin with a title."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).enable("table").parse(text))
    if not tree.children or (tree.children[0].type, tree.children[0].tag) != ("heading", "h1"):
        return None
    lines = text.splitlines()
    headings: list[Heading] = []
    passages: list[Passage] = []
    links: list[Link] = []
    columns: list[str] = []
    for node in tree.walk():
        if node.type == "heading":
            title = node.children[0].content
            headings.append(Heading(_slug(title), title, int(node.tag[1]), _line(node)))
        elif node.type == "thead":
            columns = _cells(node.children[0])
        elif node.type == "link":
            links.append(Link(str(node.attrs["href"]), _line(node)))
        elif found := _STATEMENT.match(_statement(node, lines, columns)):
            passages.append(Passage(found[1], name, headings[-1], _line(node), found[2].rstrip()))
    return Page(name, tuple(headings), tuple(passages), tuple(links))


def _statement(node: SyntaxTreeNode, lines: Sequence[str], columns: Sequence[str]) -> str:
    """The text of a list item or of a table row; "" for everything else."""
    if node.type == "list_item" and node.map is not None:
        first, end = node.map
        marker = _MARKER.match(lines[first])
        width = marker.end() if marker else 0
        return "\n".join([lines[first][width:], *(line.removeprefix(" " * width) for line in lines[first + 1 : end])])
    if node.type == "tr" and node.parent is not None and node.parent.type == "tbody":
        claim, *cells = _cells(node)
        named = (f"{column}: {cell}" for column, cell in zip(columns[1:], cells, strict=False) if cell)
        return f"{claim} {'; '.join(named)}"
    return ""


def _cells(row: SyntaxTreeNode) -> list[str]:
    return ["".join(part.content for part in cell.children) for cell in row.children]


def _line(node: SyntaxTreeNode) -> int:
    """The 1-based line of the nearest block; what stands within a line has no line of its own."""
    while node.map is None and node.parent is not None:
        node = node.parent
    return node.map[0] + 1 if node.map else 1


def _slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _doubled(folder: Path, pages: Iterable[Page]) -> Iterator[Fault]:
    first: dict[str, Passage] = {}
    for page in pages:
        for passage in page.passages:
            other = first.setdefault(passage.claim, passage)
            if other is not passage:
                text = f"claim {passage.claim} stands already at {other.page}:{other.line}"
                yield Fault(str(folder / page.name), passage.line, text)


def _broken(folder: Path, pages: Sequence[Page], files: set[str]) -> Iterator[Fault]:
    """A fault for each link to a file of the knowledge that is not there, or to a heading that its page lacks."""
    anchors = {f"{FOLDER}/{page.name}#{heading.slug}" for page in pages for heading in page.headings}
    for page in pages:
        for link in page.links:
            if "://" in link.target:
                continue
            name, hash_, slug = link.target.partition("#")
            file = normpath(join(FOLDER, name or page.name))
            if file not in files or (hash_ and f"{file}#{slug}" not in anchors):
                yield Fault(str(folder / page.name), link.line, f"the link {link.target} leads nowhere")
