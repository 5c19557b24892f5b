// The records as cards, grouped by kind, in the order in which they stand in the article.
import { button, el, explained, fold, plural, words } from "./dom.js";
import { badges, behind, choice, headline, isNothing, part, plain, stated, unstated } from "./values.js";

/** How values came about, by their origin in the answer and whether they are words. */
const ORIGINS = {
  read: () => "Read off the article's words by code; the model was not asked",
  chosen: () => "Chosen by the model among what code had found in the article",
  asked: (field) => `Asked of the model${field.source === "words" ? ", and then looked up in the article" : ""}`,
  derived: () => "Worked out by code from other values",
};

/** A group for each kind, with its heading and an empty list. */
export function groupOf(kind) {
  const list = el("ol", { class: "cards" });
  const count = el("span", { class: "count" });
  const node = el(
    "section",
    { class: `group k k${kind.index % 8}`, "aria-labelledby": `kind-${kind.index}`, hidden: true },
    el("h3", { id: `kind-${kind.index}` }, kind.label, " ", count),
    list,
  );
  return { kind, node, list, count, entries: [] };
}

/** Puts a card among those of its group, where it stands in the article. */
export function insert(group, entry) {
  const at = group.entries.findLastIndex((other) => position(other) <= position(entry)) + 1;
  group.list.insertBefore(el("li", {}, entry.card), group.list.children[at] ?? null);
  group.entries.splice(at, 0, entry);
  recount(group);
}

export function withdraw(group, entry) {
  entry.card.parentElement.remove();
  group.entries.splice(group.entries.indexOf(entry), 1);
  recount(group);
}

function recount(group) {
  group.count.textContent = String(group.entries.length);
  group.node.hidden = !group.entries.length;
}

const position = (entry) => entry.record.evidence[0].start;

/**
 * A record's card.
 * @param {{kind: any, record: any, origins: Record<string, string>, key: string, provisional: boolean}} entry
 * @param {(sentence: any) => void} show called with the sentence that a reader wants to see
 */
export function cardOf(entry, show) {
  const { kind, record, key, provisional } = entry;
  const quoted = kind.fields.find((field) => field.role === "words" && !isNothing(record[field.name]));
  const shown = badges(kind, record);
  const covered = new Set([quoted, ...shown.map((badge) => badge.field)]);
  const rows = stated(kind.fields, record).filter((row) => !covered.has(row.field));
  return el(
    "article",
    { class: provisional ? "card provisional" : "card", id: key, tabindex: "-1", "aria-labelledby": `${key}-title` },
    el(
      "header",
      {},
      el("h4", { id: `${key}-title` }, headline(kind, record).map(spoken)),
      shown.map(badgeOf),
    ),
    quoted && el("blockquote", { dir: "auto" }, record[quoted.name].map(({ text }) => el("q", {}, words(text)))),
    rows.length > 0 && el("dl", {}, rows.map((row) => rowOf(row, record))),
    el("p", { class: "evidence" }, "Stated in ", record.evidence.map((sentence) => sentenceLink(sentence, show))),
    el(
      "div",
      { class: "folds" },
      notStated(kind, record),
      Object.keys(entry.origins).length > 0 && fold({}, "How each value came about", () => originsOf(entry)),
      fold({}, "JSON", () => el("pre", { tabindex: "0" }, JSON.stringify(record, null, 2))),
    ),
  );
}

function spoken({ text, minor }, index) {
  return [index > 0 && " ", minor ? el("i", {}, words(text)) : words(text)];
}

function badgeOf({ field, text, meaning }) {
  return el("span", { class: "badge", title: field.label }, explained(text, meaning));
}

function sentenceLink(sentence, show) {
  return [button(`sentence ${sentence.sentence}`, () => show(sentence), "link"), " "];
}

/** A field with its value, and in brackets what was derived from it. */
function rowOf({ field, value, derived }, record) {
  const items = [value].flat();
  const told = items.length === 1 ? items : items.filter((item) => !isNothing(item));
  const aside = behind(derived, record).map((text) => el("span", { class: "aside" }, ` (${text})`));
  return el(
    "div",
    { "data-field": field.name },
    el("dt", {}, explained(field.label, field.about)),
    el("dd", {}, told.map((item, index) => [index > 0 && ", ", valueOf(field, item)]), aside),
  );
}

function valueOf(field, item) {
  if (field.form === "choice") {
    const { text, meaning } = choice(field, item);
    return explained(text, meaning);
  }
  const { name, aside } = field.form === "parts" ? part(field, item) : { name: plain(field, item), aside: "" };
  return [words(name), aside && el("span", { class: "aside" }, ` (${aside})`)];
}

function notStated(kind, record) {
  const missing = unstated(kind.fields, record).filter(({ field }) => !field.of.length);
  const named = missing.map(({ field, value }) => field.label.toLowerCase() + (value ? ` (${value})` : ""));
  return named.length > 0 && fold({}, `${plural(named.length, "field")} not stated`, () => named.join(", "));
}

function originsOf({ kind, origins }) {
  const told = kind.fields.filter((field) => origins[field.name]);
  const ways = Map.groupBy(told, (field) => ORIGINS[origins[field.name]]?.(field) ?? origins[field.name]);
  const label = (name) => kind.fields.find((field) => field.name === name)?.label.toLowerCase() ?? name;
  const named = (field) => label(field.name) + (field.of.length ? ` (from ${field.of.map(label).join(", ")})` : "");
  const rowsOf = ([way, fields]) => [el("dt", {}, way), el("dd", {}, fields.map(named).join(", "))];
  return el("dl", {}, [...ways].map(rowsOf));
}
