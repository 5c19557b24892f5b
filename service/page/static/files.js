// Articles out of files: plain text, and the readable text of HTML pages.

/** A file is no article; the message says why. */
export class FileError extends Error {}

const LEFT_OUT = new Set(
  ("script style noframes noscript template head nav aside footer form button select textarea input iframe object " +
    "embed svg math canvas audio video dialog menu").split(" "),
);
const BLOCKS = new Set(
  ("address article blockquote body caption center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 " +
    "header hr html li main ol p pre section summary table tbody tfoot thead tr ul").split(" "),
);
/** Blocks that stand right below one another. */
const CLOSE = new Set(["li", "tr", "dt", "dd"]);
/** Where pages have their article; the longest of the first sort that there is. */
const BODIES = ["[itemprop~=articleBody]", "article", "main, [role=main]"];
/** Characters of an article at least; with fewer, such an element is a teaser. */
const LEAST = 250;
/** Bytes at the beginning of a page in which it has to say what encoding it has. */
const DECLARES = 1024;
/** How files begin that are often taken for text. */
const OTHERS = [
  ["%PDF", "a PDF"],
  ["PK", "a word processor's file or an archive"],
  ["{\\rtf", "a rich-text file"],
  ["\xd0\xcf", "an old Word file"],
];

/**
 * @param {File} file
 * @returns {Promise<{text: string, title: string, published: string, language: string, name: string}>}
 * @throws {FileError}
 */
export async function readFile(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const beginning = String.fromCharCode(...bytes.subarray(0, DECLARES));
  const other = OTHERS.find(([start]) => beginning.startsWith(start));
  if (other) throw new FileError(`${file.name} is ${other[1]}. Save it as text or HTML, or paste its text.`);
  const html = file.type === "text/html" || /\.x?html?$/i.test(file.name);
  const declared = html ? beginning.match(/<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)/i)?.[1] : null;
  const text = decoded(bytes, declared ?? "utf-8", file.name);
  const found = html ? readable(await parse(text)) : { text, title: "", published: "", language: "" };
  if (!found.text.trim()) throw new FileError(`There is no text in ${file.name}.`);
  return { ...found, name: file.name };
}

/** The text that bytes are: in the encoding that a byte order mark names, else in the one that they declare. */
export function decoded(bytes, declared, name) {
  const mark = { 0xfffe: "utf-16le", 0xfeff: "utf-16be" }[bytes[0] * 256 + bytes[1]];
  if (!mark && bytes.includes(0)) throw new FileError(`${name} is not a text file.`);
  const encoding = mark ?? declared.toLowerCase();
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new FileError(`${name} is not ${encoding.toUpperCase()} text. Save it as UTF-8 first.`);
  }
}

/**
 * Parses HTML. The document is inert: no script of it runs, nothing that it names is fetched.
 *
 * The browser's loader does it and not a `DOMParser`, for which this page would need a Trusted Types policy.
 * @param {string} html
 * @returns {Promise<Document>}
 */
export function parse(html) {
  const address = URL.createObjectURL(new Blob([unstyled(html)], { type: "text/html;charset=utf-8" }));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => resolve(request.response);
    request.onerror = () => reject(new FileError("The file could not be read."));
    request.send();
  }).finally(() => URL.revokeObjectURL(address));
}

/** HTML whose styles and event handlers have other names: Chromium complains of each that it may not apply. */
function unstyled(html) {
  const renamed = (tag) => tag.replace(/\s(style|on\w+)(?=\s*=)/gi, " data-$1");
  return html.replace(/<[a-z][^>]*>/gi, renamed).replace(/<(\/?)style\b/gi, "<$1noframes");
}

/** What a reader of a page reads, and what the page says about it. @param {Document} page */
export function readable(page) {
  const said = (selector, attribute) => page.querySelector(selector)?.getAttribute(attribute)?.trim() ?? "";
  const meta = (name) => said(`meta[property="${name}"], meta[name="${name}"]`, "content");
  const published = meta("article:published_time") || said("time[datetime]", "datetime");
  const language = said("html", "lang");
  return {
    text: textOf(bodyOf(page)),
    title: meta("og:title") || page.querySelector("title")?.textContent.replace(/\s+/g, " ").trim() || "",
    published: published.match(/^\d{4}-\d{2}-\d{2}/)?.[0] ?? "",
    language: /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$/.test(language) ? language : "",
  };
}

function bodyOf(page) {
  for (const selector of BODIES) {
    const [longest] = [...page.querySelectorAll(selector)].sort((a, b) => b.textContent.length - a.textContent.length);
    if (longest?.textContent.trim().length >= LEAST) return longest;
  }
  return page.body;
}

/** The text of an element as it is read: blocks begin lines, the cells of a table have tabs between them. */
export function textOf(root) {
  const out = [];
  let lines = 0; // that end before the next word
  const say = (text) => {
    if (lines && !text.trim() && text !== "\t") return;
    if (out.length) out.push("\n".repeat(lines));
    lines = 0;
    out.push(text);
  };
  const walk = (node, kept, inCell) => {
    if (node.nodeType === Node.TEXT_NODE) say(kept ? node.data : node.data.replace(/[ \t\r\n\f]+/g, " "));
    if (node.nodeType !== Node.ELEMENT_NODE || LEFT_OUT.has(node.localName) || isHidden(node)) return;
    const name = node.localName;
    const cell = name === "td" || name === "th";
    const apart = () => {
      if (inCell && (name === "br" || BLOCKS.has(name))) say(" ");
      else if (name === "br") lines = Math.min(lines + 1, 2);
      else if (BLOCKS.has(name)) lines = Math.max(lines, CLOSE.has(name) ? 1 : 2);
    };
    if (cell && node.previousElementSibling) say("\t");
    apart();
    for (const child of node.childNodes) walk(child, kept || name === "pre", inCell || cell);
    if (name !== "br") apart();
  };
  if (root) walk(root, false, false);
  return out.join("").replace(/ *([\t\n]) */g, "$1").replace(/\t+(?=\n|$)/g, "").replace(/ {2,}/g, " ").trim();
}

function isHidden(node) {
  const style = node.getAttribute("data-style") ?? "";
  if (node.hasAttribute("hidden") || node.getAttribute("aria-hidden") === "true") return true;
  return /display:\s*none|visibility:\s*hidden/i.test(style);
}
