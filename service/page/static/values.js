// What a record says, in words: from the guide to the kinds, whatever they are.

/** Values that tell a reader nothing. They are listed as not stated. */
const NOTHING = new Set(["unknown", "unspecified", "other"]);
const COUNTRIES = new Intl.DisplayNames("en", { type: "region" });

/** Whether a value tells nothing; of a list, whether none of its items tells anything. */
export function isNothing(value) {
  if (Array.isArray(value)) return value.every(isNothing);
  return value === null || value === undefined || value === "" || NOTHING.has(value);
}

/** The fields of a model that the record states, each with those that are derived from it. */
export function stated(fields, record) {
  const told = fields.filter((field) => field.source !== "sentences" && !isNothing(record[field.name]));
  const sources = told.filter((field) => ["words", "parts"].includes(field.source));
  const home = (field) => sources.find((other) => field.of.includes(other.name));
  const rows = told.filter((field) => !home(field)).map((field) => ({ field, value: record[field.name], derived: [] }));
  for (const field of told) rows.find((row) => row.field === home(field))?.derived.push(field);
  return rows;
}

/** The fields that the record does not state; `value` is what it has there instead, such as "unknown". */
export function unstated(fields, record) {
  return fields
    .filter((field) => field.source !== "sentences" && isNothing(record[field.name]))
    .map((field) => ({ field, value: [record[field.name]].flat().find((value) => NOTHING.has(value)) ?? null }));
}

/** What a value of a vocabulary is called. A code of a few letters says nothing without its meaning. */
export function choice(field, value) {
  const known = field.values.find((one) => one.value === value) ?? { label: String(value), meaning: "" };
  const code = known.meaning && /^[a-z]{1,3}$/.test(known.label);
  return { text: code ? known.meaning : known.label, meaning: code ? `“${value}” in the data` : known.meaning };
}

/** A value in plain words, the items of a list joined; of one with fields of its own, its name. */
export function plain(field, value) {
  if (Array.isArray(value)) return value.map((item) => plain(field, item)).join(field.role === "words" ? " … " : ", ");
  if (value === null || value === undefined) return "";
  if (field.form === "parts") return part(field, value).name;
  if (field.form === "choice") return choice(field, value).text;
  if (field.form === "boolean") return value ? "yes" : "no";
  if (field.rule === "country") return country(value);
  return typeof value === "object" ? tidy(value.text) : String(value);
}

/** The words of an article without its line breaks. */
export const tidy = (text) => text.replace(/\s+/g, " ").trim();

function country(code) {
  try {
    return `${COUNTRIES.of(code)}, ${code}`;
  } catch {
    return code; // none that is known
  }
}

/** An item with fields of its own: its name, and all else that it says. @returns {{name: string, aside: string}} */
export function part(field, item) {
  const [main, ...others] = stated(field.parts, item).sort((a, b) => rank(a.field) - rank(b.field));
  if (!main) return { name: "", aside: "" };
  const name = plain(main.field, main.value);
  const more = others.map(({ field: other, value }) =>
    other.form === "boolean" ? value && other.label.toLowerCase() : plain(other, value),
  );
  return { name, aside: [...more, ...behind(main.derived, item, name)].filter(Boolean).join(", ") };
}

const rank = (field) => (field.source === "words" ? (field.needed ? 0 : 1) : 2);

/** What stands in brackets behind a value: that which was derived from it. `said` is the value, not to be repeated. */
export function behind(derived, record, said = "") {
  const bounds = derived.filter((field) => field.form === "number");
  const figures = bounds.length ? [range(bounds, record)] : [];
  const others = derived.filter((field) => field.form !== "number").map((field) => plain(field, record[field.name]));
  return [...figures, ...others].filter((text) => text && text !== said.replace(/[^\d.–]/g, ""));
}

/** Numbers that are bounds of one figure. */
function range(fields, record) {
  const of = (rule) => fields.filter((field) => field.rule === rule).map((field) => record[field.name])[0] ?? null;
  const [least, most] = [of("least"), of("most")];
  if (least === most) return String(least);
  if (most === null) return `${least} or more`;
  return least === null ? `at most ${most}` : `${least}–${most}`;
}

/**
 * A record in a few words: who says something, or who is involved.
 * @returns {{text: string, minor?: boolean}[]}
 */
export function headline(kind, record) {
  const stating = kind.fields.filter((field) => !isNothing(record[field.name]));
  const of = (role) => stating.find((field) => field.role === role);
  const said = (field) => plain(field, record[field.name]);
  const [speaker, cue, between] = ["speaker", "cue", "mediator"].map(of);
  const others = stating.filter((field) => kind.actors.includes(field.name) && field !== speaker && field !== between);
  const acting = others.filter((field) => !speaker || said(field) !== said(speaker));
  const parts = [];
  if (speaker) parts.push({ text: said(speaker) + (acting.length && !cue ? ":" : "") });
  if (cue) parts.push({ text: said(cue), minor: true });
  if (acting.length) parts.push({ text: acting.map(said).join(" → ") });
  if (between) parts.push({ text: "through", minor: true }, { text: said(between) });
  if (parts.length) return parts;
  const values = stating.filter((field) => field.source !== "sentences");
  const first = values.find((field) => kind.require_any.includes(field.name)) ?? values[0];
  return [{ text: first ? said(first) : kind.label }];
}

export const title = (kind, record) => headline(kind, record).map((part) => part.text).join(" ");

/** Fields of which the values are shown beside the headline: what tells this item from others of its kind. */
export function badges(kind, record) {
  const words = kind.fields.filter((field) => field.role === "words").map((field) => field.name);
  return kind.fields
    .filter((field) => field.form === "choice" && !field.many && !isNothing(record[field.name]))
    .filter((field) => kind.identity.includes(field.name) || field.of.some((name) => words.includes(name)))
    .map((field) => ({ field, ...choice(field, record[field.name]) }));
}

/** Every stretch of the article that a field holds, at any depth. */
export function mentions(field, value) {
  if (Array.isArray(value)) return value.flatMap((item) => mentions(field, item));
  if (value === null || typeof value !== "object") return [];
  if (field.form === "parts") return field.parts.flatMap((inner) => mentions(inner, value[inner.name] ?? null));
  return [{ start: value.start, end: value.end }];
}
