"""The source document as pages: under which heading each claim stands, and in which words.

It loads a markdown parser, so it is for those who ask about a claim; a diagnosis needs `grades` at most. Nothing here
judges a claim: `grades` says how well it stands, the claims index what its figures are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
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


class Page(Struct, frozen=True):
    """One file: its name ("weights.md"), its headings (the first is its title), claims, and links with their lines."""

    name: str
    headings: tuple[Heading, ...]
    passages: tuple[Passage, ...]
    links: tuple[tuple[str, int], ...]


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
    pages: dict[str, Page] = {}
    for file in files:
        if file.name.startswith(f"{FOLDER}/") and file.path.suffix == SUFFIX:
            name = file.name.removeprefix(f"{FOLDER}/")
            pages[name] = _read_page(file, name, knowledge.claims, faults)
    passages: dict[str, Passage] = {}
    for passage in (each for page in pages.values() for each in page.passages):
        other = passages.setdefault(passage.claim, passage)
        if other is not passage:
            text = f"claim {passage.claim} is already at {other.page}:{other.line}"
            faults.append(Fault(str(knowledge_dir / FOLDER / passage.page), passage.line, text))
    for number, claim in enumerate(knowledge.claims):
        if claim not in passages:
            text = f"claim {claim} is on no page of the document"
            faults.append(documents[CLAIMS].fault(("claims", number), text))
    faults += _broken(knowledge_dir / FOLDER, pages.values(), {file.name for file in files})
    if faults:
        raise error_of(faults)
    return Document(pages, {claim: passages[claim] for claim in knowledge.claims})


def _read_page(file: SourceFile, name: str, claims: Mapping[str, Claim], faults: list[Fault]) -> Page:
    """Return the page, empty where it is no text or begins with no title, and add its faults."""
    path, text = str(file.path), file.text()
    if isinstance(text, Fault):
        faults.append(text)
        return Page(name, (), (), ())
    page = _parse(name, text)
    if not page.headings:
        faults.append(Fault(path, 1, "begin the page with its title: # ..."))
        return page
    for line, words in enumerate(text.splitlines(), start=1):
        faults += [Fault(path, line, complaint) for complaint in unknown_claims(words, claims)]
    counts = Counter(heading.slug for heading in page.headings)
    for heading in page.headings:
        if counts[heading.slug] > 1:
            faults.append(Fault(path, heading.line, f"more than one heading has the anchor #{heading.slug}"))
    return page


def _parse(name: str, text: str) -> Page:
    """Return the page as its text has it; an empty one where it does not begin with a title."""
    tree = SyntaxTreeNode(MarkdownIt("commonmark", {"html": False}).enable("table").parse(text))
    headings: list[Heading] = []
    passages: list[Passage] = []
    links: list[tuple[str, int]] = []
    columns: list[str] = []
    lines = text.splitlines()
    if not tree.children or (tree.children[0].type, tree.children[0].tag) != ("heading", "h1"):
        return Page(name, (), (), ())
    for node in tree.walk():
        if node.type == "heading":
            title = node.children[0].content
            slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            headings.append(Heading(slug, title, int(node.tag[1]), _line(node)))
        elif node.type == "thead":
            columns = _cells(node.children[0])
        elif node.type == "link":
            links.append((str(node.attrs["href"]), _line(node)))
        elif found := _STATEMENT.match(_statement(node, lines, columns)):
            passages.append(Passage(found[1], name, headings[-1], _line(node), found[2].rstrip()))
    return Page(name, tuple(headings), tuple(passages), tuple(links))


def _statement(node: SyntaxTreeNode, lines: Sequence[str], columns: Sequence[str]) -> str:
    """Return the text of a list item or of a table row; "" for everything else."""
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
    """Return the 1-based line of the nearest block; what stands within a line has no line of its own."""
    while node.map is None and node.parent is not None:
        node = node.parent
    return node.map[0] + 1 if node.map else 1


def _broken(folder: Path, pages: Collection[Page], files: set[str]) -> Iterator[Fault]:
    """Yield a fault for each link to a file of the knowledge that is not there, or to a heading that its page lacks."""
    anchors = {f"{FOLDER}/{page.name}#{heading.slug}" for page in pages for heading in page.headings}
    for page in pages:
        for target, line in page.links:
            name, hash_, slug = target.partition("#")
            file = normpath(join(FOLDER, name or page.name))
            if "://" not in target and (file not in files or (hash_ and f"{file}#{slug}" not in anchors)):
                yield Fault(str(folder / page.name), line, f"the link {target} leads nowhere")
