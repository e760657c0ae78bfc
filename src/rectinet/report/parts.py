"""What a report consists of, as plain data: the page, the terminal and Markdown show the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rectinet.report.svg import Figure


@dataclass(frozen=True)
class Statement:
    """One finding.

    Attributes:
        topic: what it is about, in two or three words.
        paragraphs: the finding, in full sentences.
    """

    topic: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """The head of a table's column.

    Attributes:
        head: its name.
        number: whether it holds numbers, to be aligned on the right.
        paper: whether it holds the paper's figures.
        detail: whether a narrow place, such as a terminal, does without it.
    """

    head: str
    number: bool = True
    paper: bool = False
    detail: bool = False


@dataclass(frozen=True)
class Cell:
    """A table's cell.

    Attributes:
        text: what it says.
        bold: whether it stands out.
        recalled: whether it is a figure quoted from memory, to be marked with an asterisk.
    """

    text: str
    bold: bool = False
    recalled: bool = False

    @property
    def marked(self) -> str:
        """The text with its mark."""
        return f"{self.text}*" if self.recalled else self.text


@dataclass(frozen=True)
class Group:
    """Rows of a table that belong together.

    Attributes:
        name: stands above them; empty for none.
        rows: one cell per column, the first one names the row.
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table, and what is to be known to read it.

    Attributes:
        title: a few words.
        columns: their heads.
        groups: the rows.
        note: what the columns mean, in full sentences.
        detail_note: the same of the columns that are a detail.
    """

    kind: ClassVar[str] = "table"
    title: str
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    note: str
    detail_note: str = ""

    @property
    def full_note(self) -> str:
        """What all columns mean."""
        return f"{self.note} {self.detail_note}".strip()


@dataclass(frozen=True)
class Text:
    """A paragraph; a quiet one explains what stands beside it."""

    kind: ClassVar[str] = "text"
    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Chart:
    """One figure across the page, its caption beside it."""

    kind: ClassVar[str] = "chart"
    figure: Figure


@dataclass(frozen=True)
class Charts:
    """Small figures in a row."""

    kind: ClassVar[str] = "charts"
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Image:
    """A picture and what to say about it.

    Attributes:
        name: a word or two, printed beside it.
        alt: what it shows, for those who cannot see it.
        source: a ``data:`` address.
        width, height: in pixels.
    """

    name: str
    alt: str
    source: str
    width: int
    height: int


@dataclass(frozen=True)
class Gallery:
    """Images that belong together.

    Attributes:
        name: of the group.
        seed: of the run that they come from.
        images: in the order in which they are shown.
    """

    name: str
    seed: int
    images: tuple[Image, ...]


@dataclass(frozen=True)
class Pictures:
    """Galleries of images in a row.

    Attributes:
        galleries: the groups of images.
        large: whether each gallery is one large image rather than strips with names.
    """

    kind: ClassVar[str] = "pictures"
    galleries: tuple[Gallery, ...]
    large: bool = False


Block = Table | Text | Chart | Charts | Pictures


@dataclass(frozen=True)
class Section:
    """A part of the report under its own heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Content:
    """All that one kind of study has to show.

    Attributes:
        title: of the report.
        statements: the findings, most important first.
        sections: tables and figures, the most important first.
    """

    title: str
    statements: tuple[Statement, ...]
    sections: tuple[Section, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        blocks = (block for section in self.sections for block in section.blocks)
        return tuple(block for block in blocks if isinstance(block, Table))
