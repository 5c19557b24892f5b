// One article and its records side by side, each showing where the other says the same.
import { ArticleView } from "./article.js";
import { cardOf, groupOf, insert, withdraw } from "./cards.js";
import { announce, button, byId, calm, el, nameOf, plural } from "./dom.js";
import { csv, download, fileName } from "./export.js";
import { costs, failuresOf, leftOut } from "./remarks.js";

/** Milliseconds for which the pointer rests on something before the other side moves to it. */
const REST = 180;
/** Pixels at the top of the window in which nothing is seen of the records. */
const EDGE = 64;
/** Where the pointer was last moved to. What moves below a pointer that rests is not pointed at. */
let pointer = "";
const placeOf = (event) => `${event.clientX} ${event.clientY}`;
addEventListener("pointermove", (event) => (pointer = placeOf(event)), { capture: true, passive: true });

const KEYS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
const VERDICTS = { r: "right", w: "wrong", m: "incomplete" };

export class Desk {
  /**
   * @param {any[]} kinds the guide to the kinds
   * @param {any} article as it was posted
   * @param {{actions?: Node[], extend?: (entry: any) => Node|null, below?: Node|null}} [more] more buttons, and what is
   *   added to each card and below all of them
   */
  constructor(kinds, article, { actions = [], extend = () => null, below = null } = {}) {
    this.kinds = kinds.map((kind, index) => ({ ...kind, index }));
    Object.assign(this, { article, actions, extend, below, entries: [], active: [], made: 0 });
    this.view = new ArticleView(byId("reading"), byId("text"), article);
    this.groups = new Map(this.kinds.map((kind) => [kind.name, groupOf(kind)]));
    this.chips = new Map(this.kinds.map((kind) => [kind.name, this.chipOf(kind)]));
    byId("kicker").replaceChildren(...aboutOf(article));
    const name = nameOf(article);
    document.title = `${name} – Dragoman`;
    byId("heading").textContent = name;
    byId("heading").parentElement.dir = this.view.direction;
    byId("legend").replaceChildren(...[...this.chips.values()].map((chip) => chip.node));
    byId("groups").replaceChildren(...[...this.groups.values()].map((group) => group.node));
    for (const id of ["banner", "toolbar", "remarks", "tally"]) byId(id).replaceChildren();
    this.listen(byId("desk"));
  }

  /** Adds a record, provisional while an article is being read. */
  add(kind, record, origins, { provisional = false, index = null } = {}) {
    const group = this.groups.get(kind);
    const entry = { kind: group.kind, record, origins, provisional, index, key: `record-${++this.made}` };
    entry.card = cardOf(entry, (sentence) => this.showSentence(entry, sentence));
    entry.card.entry = entry;
    entry.card.append(...[this.extend(entry)].filter(Boolean));
    if (!this.entries.length) entry.card.tabIndex = 0;
    this.entries.push(entry);
    this.view.add(entry);
    insert(group, entry);
    this.tell(kind);
    return entry;
  }

  remove(entry) {
    this.entries.splice(this.entries.indexOf(entry), 1);
    this.view.remove(entry);
    withdraw(this.groups.get(entry.kind.name), entry);
    this.tell(entry.kind.name);
    if (this.active.includes(entry)) this.activate([]);
  }

  /** Shows which kinds are looked for; `progress` says how far each is. */
  tell(kind, progress = null) {
    const chip = this.chips.get(kind);
    chip.node.hidden = false;
    chip.count.textContent = String(this.groups.get(kind).entries.length);
    byId("sides").lastElementChild.textContent = `Records (${this.entries.length})`;
    const { done, questions } = progress ?? {};
    if (progress) chip.progress.textContent = done < questions ? `${done}/${questions}` : "";
  }

  /**
   * Shows an answer in place of what was there.
   * @param {any} answer
   * @param {(kind: string, index: number) => any[]} [earlier] provisional records that one of the answer's is made of
   */
  show(answer, earlier = () => []) {
    const kept = this.active[0];
    const focused = document.activeElement.closest(".card, mark");
    let successor = null;
    for (const entry of this.entries.slice()) this.remove(entry);
    for (const [kind, records] of Object.entries(answer.records)) {
      this.tell(kind, { done: 0, questions: 0 });
      records.forEach((record, index) => {
        const entry = this.add(kind, record, answer.origins?.[kind]?.[index] ?? {}, { index });
        if (kept && earlier(kind, index).includes(kept)) successor = entry;
      });
    }
    this.summarize(answer);
    if (successor) this.activate([successor]);
    if (successor && focused) this.focus(successor);
    announce(`${plural(this.entries.length, "record")}; the answer is ${answer.status}.`);
  }

  summarize(answer) {
    const seconds = answer.duration_seconds.toLocaleString("en", { maximumFractionDigits: 1 });
    const found = `${plural(this.entries.length, "record")} in ${plural(answer.sentences, "sentence")}`;
    byId("tally").textContent = [found, answer.status, `${seconds} s`].join(" · ");
    byId("banner").replaceChildren();
    if (answer.status === "partial") this.warn("Partial: some of the article has no answer", answer.failures);
    const nothing = el("p", { class: "panel soft" }, "The article states nothing of these kinds.");
    const remarks = [!this.entries.length && nothing, leftOut(this.kinds, answer.rejected), this.below, costs(answer)];
    byId("remarks").replaceChildren(...remarks.filter(Boolean));
    byId("toolbar").replaceChildren(...this.actions, ...this.exports(answer));
  }

  /** Says of which parts of the article nothing is known. */
  warn(heading, failures) {
    const show = ({ start, end }) => this.onArticle(() => this.view.select(start, end));
    const list = failuresOf(this.kinds, failures, show);
    byId("banner").replaceChildren(el("section", { class: "notice warn" }, el("h2", {}, heading), list));
  }

  exports(answer) {
    const json = () => JSON.stringify(answer, null, 2);
    const save = (ending, type, text) => download(fileName(this.article, answer, ending), type, text);
    const copy = async (event) => {
      const told = await navigator.clipboard.writeText(json()).then(() => "Copied", () => "Could not be copied");
      event.target.textContent = told;
      announce(told);
    };
    return [
      button("Copy JSON", copy),
      button("Download JSON", () => save("json", "application/json", json())),
      button("Download CSV", () => save("csv", "text/csv;charset=utf-8", csv(this.kinds, answer.records))),
      button("Print", () => print()),
    ];
  }

  chipOf(kind) {
    const count = el("b", {}, "0");
    const progress = el("small", {});
    const toggle = (event) => {
      const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", String(on));
      this.groups.get(kind.name).node.classList.toggle("off", !on);
      if (on) this.view.hidden.delete(kind.name);
      else this.view.hidden.add(kind.name);
      this.view.hide(this.view.hidden);
      this.activate(this.active.filter((entry) => !this.view.hidden.has(entry.kind.name)));
    };
    const label = [el("span", { class: "line" }, kind.label), " ", count, " ", progress];
    const more = { "aria-pressed": "true", title: kind.about, hidden: true };
    return { node: button(label, toggle, `chip k k${kind.index % 8}`, more), count, progress };
  }

  /** Makes records the ones that both sides show. */
  activate(entries) {
    for (const entry of this.active) entry.card.classList.remove("on");
    this.active = entries;
    for (const entry of entries) entry.card.classList.add("on");
    this.view.activate(entries);
  }

  listen(desk) {
    desk.listening?.abort(); // that of the article before
    desk.listening = new AbortController();
    const { signal } = desk.listening;
    const on = (type, work) => desk.addEventListener(type, (event) => work(event, sidesOf(event)), { signal });
    on("pointerover", (event, { card, mark }) => {
      if (event.pointerType !== "mouse" || placeOf(event) === pointer) return;
      clearTimeout(this.resting);
      if (!(card || mark) || this.isActive(card, mark)) return;
      this.resting = setTimeout(() => this.point(card, mark), REST);
    });
    on("focusin", (event, { card, mark }) => {
      if (card) this.rove(card);
      if (mark) this.view.rove(mark, false);
      if ((card || mark) && !this.isActive(card, mark)) this.point(card, mark);
    });
    on("click", (event, { mark }) => {
      clearTimeout(this.resting);
      if (mark && getSelection().isCollapsed) this.goToCard(mark);
    });
    on("keydown", (event, { card, mark }) => this.key(event, card, mark));
  }

  /** What is pointed at on one side is shown on the other. */
  point(card, mark) {
    this.activate(card ? [card.entry] : mark.entries);
    if (card) this.view.reveal(this.view.marksOf(card.entry)[0]);
    else this.revealCard(mark.entries[0]);
  }

  isActive(card, mark) {
    return this.active.some((entry) => (card ? entry === card.entry : mark.entries.includes(entry)));
  }

  key(event, card, mark) {
    const typing = event.target.closest("input, textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !this.entries.length) return;
    const itself = event.target === card || event.target === mark;
    const steps = KEYS[event.key];
    const verdict = card?.querySelector(`[data-verdict="${VERDICTS[event.key]}"]`);
    if (steps && (itself || event.key.length === 1)) this.step(card, mark, steps);
    else if (event.key === "Enter" && itself && card) this.showSentence(card.entry, card.entry.record.evidence[0]);
    else if (event.key === "Enter" && mark) this.goToCard(mark);
    else if (verdict) verdict.click();
    else if (event.key === "Escape") this.activate([]);
    else if (event.key === "?") byId("keys").showModal();
    else return;
    event.preventDefault();
  }

  /** From a record to the next one, or from a mark to the next mark. */
  step(card, mark, steps) {
    const places = mark ? this.view.marks() : [...byId("groups").querySelectorAll(".group:not(.off) .card")];
    const next = places[card || mark ? places.indexOf(mark ?? card) + steps : 0];
    if (!next) return;
    next.focus({ preventScroll: true });
    if (mark) this.view.reveal(next);
    else this.revealCard(next.entry);
  }

  /** From a mark to its record; where it has several, to the next of them each time. */
  goToCard(mark) {
    const at = mark.entries.indexOf(this.active.length === 1 ? this.active[0] : null);
    const entry = mark.entries[(at + 1) % mark.entries.length];
    showSide("records");
    this.focus(entry);
  }

  focus(entry) {
    entry.card.focus({ preventScroll: true });
    this.activate([entry]);
    this.revealCard(entry);
  }

  showSentence(entry, sentence) {
    this.onArticle(() => {
      const [mark] = this.view.marksOf(entry, sentence);
      this.activate([entry]);
      this.view.rove(mark);
      this.view.reveal(mark);
    });
  }

  /** Does something in the article, which is brought to the front where there is room for one side only. */
  onArticle(work) {
    showSide("article");
    work();
  }

  revealCard(entry) {
    const { top, bottom, height } = entry.card.getBoundingClientRect();
    const tall = height > innerHeight / 2;
    if (top >= EDGE && (tall ? top : bottom) <= innerHeight / (tall ? 2 : 1)) return;
    entry.card.scrollIntoView({ block: tall ? "start" : "center", behavior: calm() ? "auto" : "smooth" });
  }

  rove(card) {
    byId("groups").querySelector(".card[tabindex='0']")?.setAttribute("tabindex", "-1");
    card.tabIndex = 0;
  }
}

/** Shows one side, where there is no room for both. Each keeps its place. */
export function showSide(name) {
  const desk = byId("desk");
  if (desk.dataset.side === name || getComputedStyle(byId("sides")).display === "none") return;
  desk.dataset[`${desk.dataset.side}At`] = String(scrollY);
  desk.dataset.side = name;
  for (const button of byId("sides").children) button.setAttribute("aria-pressed", String(button.value === name));
  scrollTo(0, Number(desk.dataset[`${name}At`] ?? 0));
}

function sidesOf(event) {
  const target = event.target instanceof Element ? event.target : event.target.parentElement;
  return { card: target.closest(".card"), mark: target.closest("mark") };
}

function aboutOf(article) {
  const day = article.published_at?.slice(0, 10);
  const date = day && new Date(`${day}T12:00`).toLocaleDateString("en-GB", { dateStyle: "long" });
  const host = /^https?:\/\//.test(article.url ?? "") && URL.canParse(article.url) && new URL(article.url).host;
  const link = host && el("a", { href: article.url, rel: "noreferrer" }, host);
  const facts = [date && el("time", { datetime: day }, date), article.language, link].filter(Boolean);
  return facts.flatMap((fact, index) => (index ? [" · ", fact] : [fact]));
}
