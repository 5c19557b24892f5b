// Controls for the right value of a field, whatever the field is: words, a choice, yes or no, or fields of its own.
import { button, el } from "./dom.js";

const YES_OR_NO = [
  { value: "true", label: "yes" },
  { value: "false", label: "no" },
];

/**
 * @typedef {{node: HTMLElement, read: () => any}} Editor `read` gives the value as reviews have it: words as a string,
 *   lists as lists, nothing as null or an empty list
 *
 * @param {any} field the guide to the field
 * @param {any} value what the record has there, or what a review says of it
 * @param {() => string|null} selected the words of the article that are selected
 * @returns {Editor}
 */
export function editorOf(field, value, selected) {
  if (field.form === "parts") return partsEditor(field, value, selected);
  if (field.form === "choice" && field.many) return choicesEditor(field, value);
  if (field.form === "choice") return choiceEditor(field, field.values, value);
  if (field.form !== "boolean") return wordsEditor(field, value, selected);
  const { node, read } = choiceEditor(field, YES_OR_NO, String(value));
  return { node, read: () => ({ true: true, false: false })[read()] ?? null };
}

function wordsEditor({ label, many }, value, selected) {
  const texts = [value ?? []].flat().map((one) => one.text ?? String(one));
  const box = el("textarea", { rows: many ? texts.length + 1 : 1, dir: "auto", "aria-label": label });
  box.value = texts.join("\n");
  const use = () => {
    const words = selected()?.replace(/\s+/g, " ");
    if (words) box.value = many && box.value.trim() ? `${box.value.trimEnd()}\n${words}` : words;
    box.focus();
  };
  const hint = `In the article's own words${many ? ", one a line" : ""}; nothing where it states none.`;
  const lines = () => box.value.split("\n").map((line) => line.trim()).filter(Boolean);
  return {
    node: el("div", { class: "words" }, box, button("Use selected words", use), el("small", {}, hint)),
    read: () => (many ? lines() : lines().join(" ") || null),
  };
}

function choiceEditor({ label, needed }, options, value) {
  const none = !needed && el("option", { value: "" }, "(not stated)");
  const optionOf = (one) => el("option", { value: one.value, selected: one.value === value }, inFull(one));
  const select = el("select", { "aria-label": label }, none, options.map(optionOf));
  return { node: select, read: () => select.value || null };
}

function choicesEditor({ label, values }, value) {
  const boxOf = (one) => el("input", { type: "checkbox", value: one.value, checked: value?.includes(one.value) });
  const boxes = values.map(boxOf);
  const labels = boxes.map((box, index) => el("label", {}, box, ` ${inFull(values[index])}`));
  return {
    node: el("fieldset", { class: "choices" }, el("legend", { class: "unseen" }, label), labels),
    read: () => boxes.filter((box) => box.checked).map((box) => box.value),
  };
}

const inFull = ({ label, meaning }) => (meaning ? `${label}: ${meaning}` : label);

/** A list of items with fields of their own, each of which can be taken away. */
function partsEditor(field, value, selected) {
  const parts = field.parts.filter((part) => part.source !== "derived");
  const items = new Set();
  const list = el("div", { class: "items" });
  const add = (item) => {
    const editors = parts.map((part) => [part, editorOf(part, item?.[part.name] ?? null, selected)]);
    const remove = () => {
      items.delete(editors);
      node.remove();
    };
    const rowOfPart = ([part, editor]) => el("div", { class: "part" }, el("span", {}, part.label), editor.node);
    const legend = el("legend", { class: "unseen" }, field.label);
    const node = el("fieldset", {}, legend, editors.map(rowOfPart), button("Remove", remove));
    items.add(editors);
    list.append(node);
  };
  [value ?? []].flat().forEach(add);
  const readItem = (editors) => Object.fromEntries(editors.map(([part, editor]) => [part.name, editor.read()]));
  return {
    node: el("div", {}, list, button("Add one", () => add(null))),
    read: () => [...items].map(readItem),
  };
}
