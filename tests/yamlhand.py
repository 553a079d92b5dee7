"""A hand that writes YAML: the same values in many ways, with comments at every place that takes one.

It knows nothing of how the product reads or lays out a text. Every comment has a number, in the order of the text.
"""

import re
from dataclasses import dataclass, field
from random import Random

COMMENT = re.compile(r"#[ \t]?(c\d+)\b")

SCALARS = (
    *("13%", "0.130", "1.50", "1_000", "007", "0x1F", "true", "off", "~", "MSFT", "plain words", "a#b", "http://x:1/y"),
    *("'ON'", "'it''s # no comment'", '"tab\\t"', '"a \\" b"', "2026-12-31", "1e3", "-x", "-1", "a:b"),
)
LONG = (
    '"one  \ntwo\n\n  three \\\n  four\\  \nfive"',
    "'one\n\n  two  '",
    "plain\n- no item\nover lines\n\nand more",
)
KEYS = ("alpha", "beta", "'quoted'", '"double"', "with blank", "&anchor{n} gamma", "n{n}", "13", "long-key")


@dataclass
class Hand:
    """One way to write. `random` decides what is written, `habit` how it is indented and spaced."""

    random: Random
    habit: Random
    comments: float = 0.3
    is_tight: bool = False
    """Whether lists may stand at the column of their key."""
    count: int = 0
    anchors: list[str] = field(default_factory=list)
    names: int = 0

    def stream(self) -> str:
        """A file of one to three manifests."""
        text = self.own(0) + (f"---{self.tail()}\n" if self.random.random() < 0.3 else "") + self.document()
        for _ in range(self.random.choice((0, 0, 0, 1, 1, 2))):
            text += f"---{self.tail()}\n" + self.document()
        return text

    def document(self) -> str:
        self.anchors = []
        spec = self.block_map(self.step(), 3) if self.random.random() < 0.8 else ""
        kind = self.random.choice(("Portfolio", "RiskLimits", "Account"))
        text = self.own(0) + f"apiVersion{self.colon()}folioctl/v1{self.tail()}\n"
        text += self.own(0) + f"kind{self.colon()}{kind}{self.tail()}\n"
        text += self.own(0) + f"metadata{self.colon()}{{{self.pad()}name{self.colon()}x{self.pad()}}}{self.tail()}\n"
        return text + self.own(0) + f"spec:{self.tail()}\n{spec}" + self.own(0)

    def block_map(self, column: int, depth: int) -> str:
        text = ""
        for _ in range(self.random.randint(1, 4)):
            text += self.own(column) + " " * column + self.pair(column, depth)
        return text + self.own(column)

    def pair(self, column: int, depth: int) -> str:
        """A key and its value, behind the column where it begins; ends with a line break."""
        return self.key() + self.value(column, depth, tight=self.is_tight)

    def block_list(self, column: int, depth: int) -> str:
        text = ""
        for _ in range(self.random.randint(1, 4)):
            text += self.own(column) + " " * column + "-" + self.item(column, depth)
        return text + self.own(column)

    def item(self, column: int, depth: int) -> str:
        if depth and self.random.random() < 0.4:
            blanks = self.step()
            inner = column + 1 + blanks
            text = " " * blanks + self.pair(inner, depth - 1)
            if self.random.random() < 0.5:
                text += self.own(inner) + " " * inner + self.pair(inner, depth - 1)
            return text
        return self.value(column, depth, tight=False)

    def value(self, column: int, depth: int, *, tight: bool) -> str:
        """What follows a colon or a dash, to the end of its last line."""
        choice = self.random.random()
        deeper = column + self.step()
        if depth and choice < 0.45:
            anchor = self.anchor()
            head = (f"{self.gap()}{anchor}" if anchor else "") + self.tail() + "\n"
            if self.random.random() < 0.5:
                return head + self.block_map(deeper, depth - 1)
            return head + self.block_list(column if tight and self.habit.random() < 0.5 else deeper, depth - 1)
        if choice < 0.6:
            return self.gap() + self.flow(2, deeper) + self.tail() + "\n"
        if choice < 0.7:
            return self.gap() + self.block_scalar(deeper)
        if choice < 0.78:
            lines = self.random.choice(LONG).split("\n")
            indents = (" " * (deeper + self.habit.randint(0, 3)) if each.strip() else "" for each in lines[1:])
            return self.gap() + "\n".join(
                [lines[0], *(a + b for a, b in zip(indents, lines[1:], strict=True))]
            ) + self.tail() + "\n"  # fmt: skip
        if choice < 0.84:
            return self.tail() + "\n" + self.own(deeper) + " " * deeper + self.scalar() + self.tail() + "\n"
        if choice < 0.88 and self.anchors:
            return self.gap() + "*" + self.random.choice(self.anchors) + self.tail() + "\n"
        return self.gap() + self.scalar() + self.tail() + "\n"

    def scalar(self) -> str:
        anchor = self.anchor()
        return (anchor + self.gap() if anchor else "") + self.random.choice(SCALARS)

    def flow(self, depth: int, column: int) -> str:
        is_map = self.random.random() < 0.5
        items = []
        for _ in range(self.random.randint(0, 3)):
            inner = self.flow(depth - 1, column) if depth and self.random.random() < 0.3 else None
            value = inner or self.random.choice(SCALARS)
            self.names += 1
            items.append(self.brk(column) + (f"k{self.names}{self.colon()}{value}" if is_map else value))
        text = f"{self.habit.choice(('', ' '))},".join(items)
        more = f"{self.pad()}," if items and self.random.random() < 0.1 else ""
        return ("{" if is_map else "[") + text + more + self.brk(column) + ("}" if is_map else "]")

    def brk(self, column: int) -> str:
        """Blanks, or the end of a line with a comment perhaps, inside of a flow collection."""
        if self.random.random() < 0.75:
            return self.pad()
        return self.tail() + "\n" + self.own(column) + " " * (column + self.habit.randint(0, 5))

    def block_scalar(self, column: int) -> str:
        style = self.random.choice("|>")
        chomping = self.random.choice(("", "-", "+"))
        lines = ["text", "  more # no comment", "", "end  "][: self.random.randint(1, 4)]
        body = "".join(" " * column + each + "\n" if each else "\n" for each in lines)
        return style + chomping + self.tail() + "\n" + body + self.random.choice(("", "\n"))

    def key(self) -> str:
        self.names += 1
        name = self.random.choice(KEYS).replace("{n}", str(self.names))
        if name.startswith("&"):
            self.anchors.append(name.split()[0][1:])
        unique = f"{name[:-1]}{self.names}{name[-1]}" if name[-1] in "'\"" else f"{name}{self.names}"
        return unique + self.habit.choice(("", "", " ")) + ":"

    def anchor(self) -> str:
        if self.random.random() >= 0.1:
            return ""
        self.names += 1
        # It can be referred to only once what it names is over; the next key is late enough for a scalar only.
        return f"&a{self.names}"

    def colon(self) -> str:
        return self.habit.choice((": ", " : ", ":   "))

    def gap(self) -> str:
        return " " * self.step()

    def pad(self) -> str:
        return self.habit.choice(("", "", " ", "  "))

    def step(self) -> int:
        return self.habit.randint(1, 5)

    def tail(self) -> str:
        """The end of a line: a comment, or blanks."""
        if self.random.random() < self.comments:
            return self.habit.choice((" ", "  ", "     ")) + self.comment() + self.habit.choice(("", " ", "\t"))
        return self.habit.choice(("", "", "", "  "))

    def own(self, column: int) -> str:
        """Lines that hold no more than a comment, or nothing."""
        text = ""
        while self.random.random() < self.comments:
            if self.random.random() < 0.4:
                text += self.habit.choice(("\n", "\n", "  \n" if not column else "\n"))
            text += " " * column + self.comment() + self.habit.choice(("", "  ")) + "\n"
        return text

    def comment(self) -> str:
        self.count += 1
        return f"# c{self.count} " + self.random.choice(("why", "- item", "key: value", "'", "{", "#"))


def written(seed: int, habit: int, *, comments: float = 0.3, is_tight: bool = True) -> str:
    """The file that a hand writes of `seed`, in one `habit`."""
    chance = Random(seed), Random(habit)  # noqa: S311 - a test's chance, by its seed
    return Hand(*chance, comments=comments, is_tight=is_tight).stream()


def numbers(text: str) -> list[str]:
    """The comments of a text that a hand wrote, by their numbers, in order."""
    return COMMENT.findall(text)
