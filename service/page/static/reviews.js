// What readers say of records: right, wrong, not all of it, or missed. Saved at once; the service makes gold of it.
import { call, get, post, ProblemError } from "./api.js";
import { announce, button, el, plural } from "./dom.js";
import { editorOf } from "./editors.js";
import { download } from "./export.js";

const VERDICTS = { right: "Right", wrong: "Wrong", incomplete: "Missing or wrong value" };
const LONGEST_NOTE = 2000;

/** Numbers out of "3, 5–7": in order, each once; null where it says anything else. */
export function numbersOf(said, most) {
  const found = new Set();
  for (const part of said.replace(/\s*[-–]\s*/g, "-").split(/[,;\s]+/).filter(Boolean)) {
    const range = part.match(/^(\d+)(?:-(\d+))?$/);
    const [first, last] = range ? [Number(range[1]), Number(range[2] ?? range[1])] : [0, 0];
    if (first < 1 || last < first || last > most) return null;
    for (let number = first; number <= last; number++) found.add(number);
  }
  return [...found].sort((a, b) => a - b);
}

export class Reviews {
  /**
   * @param {string} job address of the job whose result is reviewed
   * @param {any[]} saved the reviews that there are
   * @param {any} answer
   * @param {() => any} desk where the result is shown
   */
  constructor(job, saved, answer, desk) {
    Object.assign(this, { job, answer, desk, saved: new Map(saved.map((review) => [review.id, review])) });
    this.tally = el("p");
    this.missed = el("ul", { class: "missed" });
    const title = el("h3", { id: "reviews-title" }, "Reviews");
    const attributes = { class: "panel reviews", "aria-labelledby": "reviews-title" };
    this.summary = el("section", attributes, title, this.tally, this.missed, this.missedForm());
    // Whoever uses a control may lose the selection by it.
    document.onselectionchange = () => (this.last = desk()?.view.selected() ?? this.last);
    this.recount();
  }

  of(entry) {
    return [...this.saved.values()].find((one) => one.kind === entry.kind.name && one.record === entry.index);
  }

  selected() {
    return this.desk()?.view.selected() ?? this.last ?? null;
  }

  /** @throws {ProblemError} it was not saved */
  async save(review) {
    const whole = { sentences: [], corrections: {}, note: null, ...review };
    const saved = await (await post(`${this.job}/reviews`, whole)).json();
    this.saved.set(saved.id, saved);
    this.recount();
    announce("Saved.");
  }

  /** @throws {ProblemError} it is still there */
  async remove(review) {
    await call(`${this.job}/reviews/${review.id}`, { method: "DELETE" });
    this.saved.delete(review.id);
    this.recount();
    announce("Taken back.");
  }

  recount() {
    const reviews = [...this.saved.values()];
    const all = Object.values(this.answer.records).flat().length;
    const missed = reviews.filter((review) => review.verdict === "missed");
    const gold = async () => {
      const lines = await (await call("/v1/reviews")).text();
      download("reviews.jsonl", "application/x-ndjson", lines);
    };
    this.tally.replaceChildren(
      `${reviews.length - missed.length} of ${plural(all, "record")} marked, `,
      `${missed.length || "none"} added as missed. `,
      button("Download all reviews", () => trying(this.tally, gold), "link"),
      " as gold for evaluation (",
      el("code", {}, "GET /v1/reviews"),
      ", or ",
      el("code", {}, "dragoman reviews export"),
      ").",
    );
    this.missed.replaceChildren(...missed.map((review) => this.missedItem(review)));
  }

  /** The buttons below a card, and the form that they open. */
  bar(entry) {
    const bar = el("div", { class: "review", role: "group", "aria-label": "Your review" });
    const draw = (focused = null) => {
      const review = this.of(entry);
      const verdictButton = ([verdict, label]) => {
        const more = { "data-verdict": verdict, "aria-pressed": String(review?.verdict === verdict) };
        return button(label, () => press(verdict), "", more);
      };
      bar.replaceChildren(el("div", { class: "verdicts" }, Object.entries(VERDICTS).map(verdictButton)));
      if (review?.note) bar.append(el("p", { class: "note" }, review.note));
      bar.querySelector(`[data-verdict="${focused}"]`)?.focus();
    };
    const press = async (verdict) => {
      const review = this.of(entry);
      if (verdict === "incomplete" || review?.verdict === verdict) return open(verdict);
      const said = { verdict, kind: entry.kind.name, record: entry.index, note: review?.note ?? null };
      if (await trying(bar, () => this.save(said))) draw(verdict);
    };
    const open = (verdict) => {
      const before = bar.querySelector("form");
      before?.remove();
      if (before?.dataset.for === verdict) return;
      bar.append(this.form(entry, verdict, () => draw(verdict)));
      bar.querySelector("form select, form textarea").focus();
    };
    draw();
    return bar;
  }

  /** What a verdict may be explained with. `close` is called when it is saved, taken back or left. */
  form(entry, verdict, close) {
    const review = this.of(entry);
    const corrections =
      verdict === "incomplete" ? new Corrections(entry, review?.corrections ?? {}, () => this.selected()?.text) : null;
    const note = noteBox(review?.note);
    const save = async (event) => {
      event.preventDefault();
      const about = { verdict, kind: entry.kind.name, record: entry.index };
      const said = { ...about, corrections: corrections?.read() ?? {}, note: note.value.trim() || null };
      if (await trying(form, () => this.save(said))) close();
    };
    const done = el("button", {}, "Save");
    const takeBack = async () => (await trying(form, () => this.remove(review))) && close();
    const form = el(
      "form",
      { "data-for": verdict, onsubmit: save },
      corrections?.node,
      el("label", {}, "Note", note),
      el("p", { class: "actions" }, done, review && button("Take back", takeBack), button("Close", close)),
    );
    return form;
  }

  missedItem(review) {
    const sentences = `${review.sentences.length > 1 ? "sentences" : "sentence"} ${review.sentences.join(", ")}`;
    const node = el("li", {}, `${inWords(review.kind)}, ${sentences}${review.note ? `: ${review.note}` : ""} `);
    node.append(button("Take back", () => trying(node, () => this.remove(review)), "link"));
    return node;
  }

  missedForm() {
    const most = this.answer.sentences;
    const kinds = Object.keys(this.answer.records);
    const kind = el("select", {}, kinds.map((name) => el("option", { value: name }, inWords(name))));
    const sentences = el("input", { name: "sentences", autocomplete: "off", placeholder: "such as 3, 5–6" });
    const note = noteBox();
    const use = () => trying(form, async () => (sentences.value = await this.selectedSentences()));
    const save = async (event) => {
      event.preventDefault();
      const saved = await trying(form, async () => {
        const numbers = numbersOf(sentences.value, most);
        if (!numbers?.length) throw new Error(`name sentences from 1 to ${most}, such as 3, 5–6.`);
        const said = { verdict: "missed", kind: kind.value, record: null, sentences: numbers };
        await this.save({ ...said, note: note.value.trim() || null });
      });
      if (saved) form.reset();
    };
    const form = el(
      "form",
      { onsubmit: save },
      el("label", {}, "Kind", kind),
      el("label", {}, "Sentences that state it", sentences),
      button("Use the selected sentences", use),
      el("label", {}, "Note", note),
      el("p", { class: "actions" }, el("button", {}, "Save")),
    );
    return el("details", {}, el("summary", {}, "Something was missed"), form);
  }

  async selectedSentences() {
    const chosen = this.selected();
    if (!chosen) throw new Error("select words in the article first.");
    this.sentences ??= (await get(`${this.job}/sentences`)).sentences;
    const touched = this.sentences.filter((sentence) => sentence.start < chosen.end && sentence.end > chosen.start);
    return touched.map((sentence) => sentence.number).join(", ");
  }
}

/** The right values of some fields: a row for each, to which more can be added. */
class Corrections {
  constructor(entry, saved, selected) {
    Object.assign(this, { entry, selected, rows: new Set(), list: el("div", { class: "corrections" }) });
    this.fields = entry.kind.fields.filter((field) => !["sentences", "derived"].includes(field.source));
    this.node = el("div", {}, this.list, button("Another value", () => this.add()));
    for (const [name, value] of Object.entries(saved)) this.add(name, value);
    if (!this.rows.size) this.add();
  }

  add(name = "", saved = null) {
    const optionOf = (field) => el("option", { value: field.name, selected: field.name === name }, field.label);
    const options = this.fields.map(optionOf);
    const select = el("select", { "aria-label": "Field" }, el("option", { value: "" }, "Which value?"), options);
    const unknown = el("input", { type: "checkbox", checked: saved?.unknown });
    const place = el("div", { class: "value", hidden: saved?.unknown });
    const row = { select, unknown, editor: null };
    const choose = (value) => {
      const field = this.fields.find((one) => one.name === select.value);
      row.editor = field ? editorOf(field, value, this.selected) : null;
      place.replaceChildren(...(row.editor ? [row.editor.node] : []));
    };
    const remove = () => {
      this.rows.delete(row);
      node.remove();
    };
    select.onchange = () => choose(this.entry.record[select.value]);
    unknown.onchange = () => (place.hidden = unknown.checked);
    const unsure = el("label", {}, unknown, " I do not know what is right");
    const below = el("div", { class: "row" }, unsure, button("Remove", remove));
    const node = el("div", { class: "correction" }, select, place, below);
    if (name) choose(saved?.unknown ? this.entry.record[name] : saved);
    this.rows.add(row);
    this.list.append(node);
  }

  read() {
    const chosen = [...this.rows].filter((row) => row.editor);
    const valueIn = ({ unknown, editor }) => (unknown.checked ? { unknown: true } : editor.read());
    return Object.fromEntries(chosen.map((row) => [row.select.value, valueIn(row)]));
  }
}

function noteBox(text = null) {
  const box = el("textarea", { name: "note", rows: 2, maxlength: LONGEST_NOTE });
  box.value = text ?? "";
  return box;
}

const inWords = (kind) => kind.replaceAll("_", " ");

/** Does something, and says below a node what went wrong with it; whatever was typed stays where it is. */
async function trying(node, work) {
  node.querySelector(":scope > .error")?.remove();
  try {
    await work();
    return true;
  } catch (error) {
    const said = error instanceof ProblemError ? told(error.problem) : error.message;
    node.append(el("p", { class: "error", role: "alert" }, `That did not work: ${said}`));
    return false;
  }
}

function told(problem) {
  const faults = (problem.errors ?? []).map((fault) => `${fault.pointer.replace(/^#\//, "")}: ${fault.detail}`);
  return [problem.detail || "the service could not be reached.", ...faults].join(" ");
}
