// Results for other programs: JSON as it came, and a table with a row for each record.
import { el, nameOf } from "./dom.js";
import { tidy } from "./values.js";

/** Begins a cell that a spreadsheet would take for a formula, and run. */
const RUNS = /^[=+\-@\t\r]/;
/** By this mark spreadsheets know that a file is UTF-8. */
const MARK = "\ufeff";

/**
 * All records as a table (RFC 4180): the fields of all kinds side by side, those of one name in one column.
 * @param {any[]} kinds the guide to the kinds
 * @param {Record<string, any[]>} records by kind, as in an answer
 */
export function csv(kinds, records) {
  const present = kinds.filter((kind) => records[kind.name]);
  const columns = new Map(present.flatMap((kind) => kind.fields).flatMap(columnsOf));
  const header = ["kind", "number", "sentences", "evidence", "start", "end", ...columns.keys()];
  const rows = present.flatMap((kind) =>
    records[kind.name].map((record, index) => {
      const evidence = (name) => record.evidence.map((sentence) => sentence[name]).join("; ");
      const own = new Map(kind.fields.flatMap(columnsOf));
      const cells = [...columns.keys()].map((name) => (own.has(name) ? own.get(name)(record) : ""));
      const text = record.evidence.map((sentence) => tidy(sentence.text)).join(" … ");
      return [kind.name, index + 1, evidence("sentence"), text, evidence("start"), evidence("end"), ...cells];
    }),
  );
  return MARK + [header, ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

/** The columns of a field, each with what it has of a record; one with fields of its own has a column for each. */
function columnsOf(field) {
  if (field.source === "sentences") return [];
  if (field.form !== "parts") return [[field.name, (record) => flat(record[field.name])]];
  return field.parts.map((part) => [
    `${field.name}.${part.name}`,
    (record) => [record[field.name] ?? []].flat().map((item) => flat(item[part.name])).join("; "),
  ]);
}

function flat(value) {
  if (Array.isArray(value)) return value.map(flat).join("; ");
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? tidy(value.text) : String(value);
}

function cell(value) {
  const text = RUNS.test(String(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands a file to the browser's downloads. */
export function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A name for a file, from whatever an article is called. */
export function fileName(article, answer, ending) {
  const name = nameOf(article).normalize().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  return `${name.slice(0, 60) || answer.id}.${ending}`;
}
