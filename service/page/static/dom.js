// Making elements. Text becomes text nodes: nothing on this page is ever parsed as markup.

/**
 * @param {string} name
 * @param {Record<string, any>} [attributes] `onclick` and the like are listeners; null and false leave an attribute out
 * @param {...(Node|string|null|false|Array)} children
 * @returns {any}
 */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** @returns {any} */
export const byId = (id) => document.getElementById(id);

/** A button that does something; `look` is its class, `more` are further attributes. */
export const button = (label, onclick, look = "quiet", more = {}) =>
  el("button", { type: "button", class: look, onclick, ...more }, label);

/** A disclosure. `fill` is called when it is first opened: most never are. */
export function fold(attributes, summary, fill) {
  const node = el("details", attributes, el("summary", {}, summary));
  node.addEventListener("toggle", () => node.append(el("div", { class: "folded" }, fill())), { once: true });
  return node;
}

/** Words of an article, or of anybody who may write in another direction. */
export const words = (text) => el("bdi", {}, text);

/** Words with an explanation: shown on hover, read out to those who do not see it. */
export function explained(text, about) {
  return about ? el("abbr", { title: about }, text, el("span", { class: "unseen" }, ` (${about})`)) : text;
}

/** Tells a screen reader something when it has time for it. */
export function announce(text) {
  byId("status").textContent = text;
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** What an article is called: its title, or the end of its name, which may be a path. */
export const nameOf = (article) => article.title ?? article.id?.replace(/^\S*[/\\](?=\S+$)/, "") ?? "Article";
