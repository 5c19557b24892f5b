"""Contrast of all text that a page shows, after WCAG 2: what lies behind a word is blended from all its ancestors.

axe leaves out words whose background it cannot be sure of, such as those under several highlights, and takes four
times as long for it as for everything else; so that its own rule for contrast is switched off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from playwright.sync_api import Page

LEAST = 4.5
LEAST_LARGE = 3.0
LARGE = 24.0
LARGE_BOLD = 18.66
BOLD = 700
WHITE = (255.0, 255.0, 255.0)
NOTHING = (0.0, 0.0, 0.0, 0.0)

Colour = tuple[float, float, float]

COLLECT = """
(root) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();
  // Whatever notation a colour has, a canvas tells what is painted.
  const painted = (colour) => {
    if (!known.has(colour)) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
      known.set(colour, [red, green, blue, alpha / 255]);
    }
    return known.get(colour);
  };
  // Of a gradient of one colour, that colour; null of any other picture.
  const filled = (image) => {
    const inside = image.match(/^linear-gradient\\((.*)\\)$/)?.[1] ?? "";
    const [first, ...others] = inside.split(/,(?![^(]*\\))/).map((stop) => stop.trim());
    return first && others.every((stop) => stop === first) ? painted(first) : null;
  };
  // What lies behind an element, from the outmost: many words have the same elements around them.
  const backgrounds = new Map();
  const background = (element) => {
    if (!element) return { behind: [], image: false };
    if (!backgrounds.has(element)) {
      const { behind, image } = background(element.parentElement);
      const of = getComputedStyle(element);
      const fill = of.backgroundImage === "none" ? null : filled(of.backgroundImage);
      backgrounds.set(element, {
        behind: [...behind, [painted(of.backgroundColor), fill, Number(of.opacity)]],
        image: image || (of.backgroundImage !== "none" && !fill),
      });
    }
    return backgrounds.get(element);
  };
  const shown = new Map();
  const look = (parent, words, style, seen) => {
    if (!words.trim() || !parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
    if (seen.width <= 1 || seen.height <= 1 || parent.closest(":disabled, [aria-disabled=true]")) return;
    const found = {
      words: words.trim().slice(0, 60), colour: painted(style.color), ...background(parent),
      size: parseFloat(style.fontSize), weight: Number(style.fontWeight),
      classes: parent.className, marks: parent.closest("mark")?.className ?? null,
    };
    shown.set(JSON.stringify({ ...found, words: "" }), found);
  };
  for (const top of document.querySelectorAll(root)) {
    const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(text);
      const parent = text.parentElement;
      look(parent, text.data, getComputedStyle(parent), range.getBoundingClientRect());
    }
    for (const field of top.querySelectorAll("input, textarea")) {
      if (["checkbox", "radio", "file", "hidden"].includes(field.type)) continue;
      const style = getComputedStyle(field, field.value ? null : "::placeholder");
      look(field, field.value || field.placeholder, style, field.getBoundingClientRect());
    }
  }
  return [...shown.values()];
}
"""


@dataclass(frozen=True)
class Text:
    """Words in one style on one background; `on_image` where a picture or a gradient of colours is behind them."""

    words: str
    ratio: float
    size: float
    weight: int
    on_image: bool
    classes: str

    @property
    def is_legible(self) -> bool:
        large = self.size >= LARGE or (self.size >= LARGE_BOLD and self.weight >= BOLD)
        return not self.on_image and round(self.ratio, 2) >= (LEAST_LARGE if large else LEAST)


def texts(page: Page, root: str = "body") -> Iterator[Text]:
    """All text inside the elements that a selector finds, each style and background once."""
    for found in page.evaluate(COLLECT, root):
        ways = list(_ways(found["behind"]))
        ratio = min(_ratio(_painted(way, WHITE, found["colour"]), _painted(way, WHITE)) for way in ways)
        yield Text(found["words"], ratio, found["size"], found["weight"], found["image"], found["classes"])


def _ways(behind: Sequence[Any]) -> Iterator[list[Any]]:
    """What may lie behind a word: a fill may be smaller than its element, so that a word is on it or beside it."""
    for fills in product(*({None, fill and tuple(fill)} for _, fill, _ in behind)):
        yield [(colour, fill or NOTHING, opacity) for (colour, _, opacity), fill in zip(behind, fills, strict=True)]


def _painted(elements: Sequence[Any], below: Colour, ink: Any = NOTHING) -> Colour:
    """What is seen where nested elements lie over something, with ink on the inmost of them."""
    if not elements:
        return _over(below, ink)
    (colour, fill, opacity), *inner = elements
    return _mixed(below, _painted(inner, _over(_over(below, colour), fill), ink), opacity)


def _over(below: Colour, layer: Any) -> Colour:
    *colour, alpha = layer
    return _mixed(below, colour, alpha)


def _mixed(one: Sequence[float], other: Sequence[float], share: float) -> Colour:
    """A colour between two, nearer to the second the larger its share."""
    red, green, blue = ((1 - share) * a + share * b for a, b in zip(one, other, strict=True))
    return red, green, blue


def _ratio(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
