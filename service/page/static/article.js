// The article with its marks: the sentences that state records, and inside them the words of each field.
import { Points } from "./points.js";
import { segments } from "./segments.js";
import { calm, el } from "./dom.js";
import { mentions, title } from "./values.js";

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/g;
const LETTERS = /\p{L}/gu;
/** Units at the beginning of a text by which its direction is told. */
const BEGINNING = 2000;
/** Lines of a text that was wrapped by hand are all about as long as this; their ends mean nothing. */
const [SHORTEST_WRAPPED, LONGEST_WRAPPED] = [45, 110];

/** @returns {"rtl" | "ltr"} the direction in which most of a text is written */
export function directionOf(text) {
  const count = (pattern) => text.slice(0, BEGINNING).match(pattern)?.length ?? 0;
  return count(RIGHT_TO_LEFT) * 2 > count(LETTERS) ? "rtl" : "ltr";
}

/** The paragraphs of a text, in units: what stands between blank lines where there are any, else each line. */
export function paragraphs(text) {
  const breaks = /\n[^\S\n]*\n/.test(text) ? /(?:\r?\n[^\S\n]*){2,}/g : /\n+/g;
  const found = [];
  let start = 0;
  for (const gap of text.matchAll(breaks)) {
    found.push({ start, end: gap.index });
    start = gap.index + gap[0].length;
  }
  return [...found, { start, end: text.length }].filter((one) => text.slice(one.start, one.end).trim());
}

function keepsLines(text) {
  const lines = text.trim().split("\n");
  const wrapped = (line) => line.length >= SHORTEST_WRAPPED && line.length <= LONGEST_WRAPPED;
  return lines.length > 1 && !(lines.length > 2 && lines.slice(0, -1).every(wrapped));
}

export class ArticleView {
  /**
   * @param {HTMLElement} pane what scrolls
   * @param {HTMLElement} body where the article is drawn
   * @param {{text: string, language?: string|null}} article
   */
  constructor(pane, body, article) {
    Object.assign(this, { pane, body, text: article.text, points: new Points(article.text) });
    this.direction = directionOf(article.text);
    this.active = [];
    this.hidden = new Set();
    this.stale = new Set();
    this.labels = el("div", { class: "labels", "aria-hidden": "true" });
    this.blocks = paragraphs(article.text).map(({ start, end }) => {
      const node = el("p", { class: keepsLines(article.text.slice(start, end)) && "lines" });
      return { start, end, node, spans: [], pieces: [], marks: [] };
    });
    this.blocks.forEach((block) => this.draw(block));
    body.replaceChildren(...this.blocks.map((block) => block.node), this.labels);
    body.lang = article.language?.replaceAll("_", "-") ?? "";
    body.dir = this.direction;
    window.onresize = () => this.label();
  }

  /** Takes a record in. It is drawn before the next frame, and each paragraph once, however many there are. */
  add(entry) {
    entry.blocks = new Set();
    for (const field of entry.kind.fields) {
      for (const { start, end } of mentions(field, entry.record[field.name])) {
        const span = { ...this.units(start, end), entry, field: field.source === "sentences" ? null : field };
        for (const block of this.blocksOf(span)) {
          block.spans.push(span);
          entry.blocks.add(block);
          this.later(block);
        }
      }
    }
  }

  remove(entry) {
    for (const block of entry.blocks) {
      block.spans = block.spans.filter((span) => span.entry !== entry);
      this.later(block);
    }
  }

  /** Leaves the marks of some kinds out. */
  hide(names) {
    this.hidden = names;
    for (const block of this.blocks) if (block.spans.length) this.later(block);
  }

  later(block) {
    if (!this.stale.size) requestAnimationFrame(() => this.flush());
    this.stale.add(block);
  }

  flush() {
    const focused = document.activeElement?.entries?.[0];
    for (const block of this.stale) this.draw(block);
    this.stale.clear();
    this.rove(focused ? this.marksOf(focused)[0] : this.body.querySelector("mark"), Boolean(focused));
    this.activate(this.active);
  }

  draw(block) {
    const spans = block.spans.filter((span) => !this.hidden.has(span.entry.kind.name));
    spans.sort((a, b) => a.entry.kind.index - b.entry.kind.index);
    Object.assign(block, { pieces: [], marks: [] });
    const content = [];
    let mark = null;
    for (const { start, end, of } of segments(spans, block.start, block.end)) {
      const entries = [...new Set(of.filter((span) => !span.field).map((span) => span.entry))];
      if (!mark || entries.length !== mark.entries.length || entries.some((entry, at) => entry !== mark.entries[at])) {
        mark = entries.length ? markOf(entries, start) : null;
        if (mark) {
          block.marks.push(mark);
          content.push(mark);
        }
      }
      const node = el("span", {}, this.text.slice(start, end));
      block.pieces.push({ node, start, spans: of.filter((span) => span.field) });
      if (mark) mark.inmost.append(node);
      else content.push(node);
    }
    block.node.replaceChildren(...content);
  }

  /** Marks the words of some records more strongly, and those of no other. */
  activate(entries) {
    for (const node of this.body.querySelectorAll(".on, .word")) node.classList.remove("on", "word");
    this.active = entries;
    this.body.className = entries.length ? `text k k${entries[0].kind.index % 8}` : "text";
    for (const block of new Set(entries.flatMap((entry) => [...entry.blocks]))) {
      for (const mark of block.marks) mark.classList.toggle("on", mark.entries.some((one) => entries.includes(one)));
      for (const { node, spans } of block.pieces) {
        node.classList.toggle("word", spans.some((span) => entries.includes(span.entry)));
      }
    }
    this.label();
  }

  /** Writes the fields' names above the words of the active record; of several records there is no room for them. */
  label() {
    const entry = this.active.length === 1 ? this.active[0] : null;
    const origin = this.body.getBoundingClientRect();
    const side = this.direction === "rtl" ? "right" : "left";
    const labels = [];
    for (const { node, start, spans } of [...(entry?.blocks ?? [])].flatMap((block) => block.pieces)) {
      const begun = spans.filter((span) => span.entry === entry && span.start === start);
      const place = begun.length ? node.getClientRects()[0] : null;
      const names = [...new Set(begun.map((span) => span.field.label))].join(" · ");
      if (place) labels.push({ names, top: place.top - origin.top, at: Math.abs(place[side] - origin[side]) });
    }
    labels.sort((a, b) => a.top - b.top || a.at - b.at);
    const nodes = labels.map(({ names, top, at }, index) => {
      const next = labels[index + 1];
      const node = el("span", {}, names);
      node.style.top = `${top}px`;
      node.style.insetInlineStart = `${at}px`;
      node.style.maxWidth = `${(next?.top === top ? next.at - 3 : this.body.clientWidth) - at}px`;
      return node;
    });
    this.labels.replaceChildren(...nodes);
  }

  /** The marks of a record in the order of the article: all of them, or those in one sentence. */
  marksOf(entry, sentence = null) {
    const span = sentence ? this.units(sentence.start, sentence.end) : { start: 0, end: this.text.length };
    const marks = [...entry.blocks].sort((a, b) => a.start - b.start).flatMap((block) => block.marks);
    return marks.filter((mark) => mark.entries.includes(entry) && mark.start >= span.start && mark.start < span.end);
  }

  marks() {
    return this.blocks.flatMap((block) => block.marks);
  }

  /** Makes one mark the one that the Tab key comes to. */
  rove(mark, focus = true) {
    this.body.querySelector("mark[tabindex='0']")?.setAttribute("tabindex", "-1");
    mark?.setAttribute("tabindex", "0");
    if (focus) mark?.focus({ preventScroll: true });
  }

  /** Brings something into sight, unless it is. */
  reveal(node) {
    if (!node) return;
    const [place, frame] = [node.getBoundingClientRect(), this.pane.getBoundingClientRect()];
    const [top, bottom] = [Math.max(frame.top, 60), Math.min(frame.bottom, innerHeight)];
    if (place.top >= top && place.bottom <= bottom) return;
    const behavior = calm() ? "auto" : "smooth";
    if (this.pane.scrollHeight > this.pane.clientHeight + 1) {
      this.pane.scrollTo({ top: this.pane.scrollTop + place.top - frame.top - frame.height / 3, behavior });
    } else node.scrollIntoView({ block: "center", behavior });
  }

  /** Selects a stretch of the article and shows it. Offsets are code points. */
  select(start, end) {
    const span = this.units(start, end);
    const blocks = this.blocksOf(span);
    if (!blocks.length) return;
    const [from, to] = [placeIn(blocks[0], span.start), placeIn(blocks.at(-1), span.end)];
    getSelection().setBaseAndExtent(from.node, from.offset, to.node, to.offset);
    this.reveal(from.node.parentElement);
  }

  /** What is selected in the article, in code points, with the words themselves; null where nothing is. */
  selected() {
    const chosen = getSelection();
    const range = chosen.rangeCount && !chosen.isCollapsed ? chosen.getRangeAt(0) : null;
    if (!range) return null;
    const touched = this.blocks.filter((block) => range.intersectsNode(block.node));
    if (!touched.length) return null;
    const start = unitIn(touched[0], range.startContainer, range.startOffset) ?? touched[0].start;
    const end = unitIn(touched.at(-1), range.endContainer, range.endOffset) ?? touched.at(-1).end;
    const text = this.text.slice(start, end).trim();
    const from = this.text.indexOf(text, start);
    return text ? { text, start: this.points.point(from), end: this.points.point(from + text.length) } : null;
  }

  units(start, end) {
    return { start: this.points.unit(start), end: this.points.unit(end) };
  }

  /** The paragraphs that a stretch touches. */
  blocksOf({ start, end }) {
    let [low, high] = [0, this.blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.blocks[middle].end <= start) low = middle + 1;
      else high = middle;
    }
    let beyond = low;
    while (beyond < this.blocks.length && this.blocks[beyond].start < end) beyond++;
    return this.blocks.slice(low, beyond);
  }
}

/** One look for all that states the same records: one tint, and a line for each of their kinds. */
function markOf(entries, start) {
  const kinds = [...new Set(entries.map((entry) => entry.kind.index % 8))];
  const mark = el("mark", { class: `k k${kinds[0]}`, tabindex: "-1" });
  mark.classList.toggle("several", kinds.length > 1);
  mark.classList.toggle("provisional", entries.every((entry) => entry.provisional));
  Object.assign(mark, { entries, start, inmost: mark });
  kinds.slice(1).forEach((kind, depth) => {
    const line = el("span", { class: `line line${depth + 2} k k${kind}` });
    mark.inmost.append(line);
    mark.inmost = line;
  });
  const stated = entries.map((entry) => `${entry.kind.label}: ${title(entry.kind, entry.record)}`);
  mark.setAttribute("aria-description", `${stated.join("; ")}. Press Enter to go to the record.`);
  return mark;
}

/** The unit at a place in a paragraph; null where it is elsewhere. */
function unitIn(block, node, offset) {
  if (!block.node.contains(node)) return null;
  const before = document.createRange();
  before.setStart(block.node, 0);
  before.setEnd(node, offset);
  return block.start + before.toString().length;
}

/** The place in a paragraph at which a unit is. */
function placeIn(block, unit) {
  const piece = block.pieces.findLast((one) => one.start <= unit) ?? block.pieces[0];
  const text = piece.node.firstChild;
  return { node: text, offset: Math.min(Math.max(unit - piece.start, 0), text.length) };
}
