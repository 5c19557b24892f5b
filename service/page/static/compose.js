// What is to be read: pasted, dropped, picked from a file or from the samples, with what is known about it.
import { byId, button, el } from "./dom.js";
import { FileError, readFile } from "./files.js";

/** Longest name of an article that the service takes. */
const LONGEST_NAME = 200;
const LONGEST_LINE = 80;

export class Composer {
  /**
   * @param {any[]} kinds
   * @param {any[]} samples
   * @param {(request: any) => void} run
   */
  constructor(kinds, samples, run) {
    this.form = byId("compose");
    this.name = "";
    byId("kinds").append(...kinds.map(choiceOf));
    byId("samples").append(...samples.map((sample) => this.sampleButton(sample)));
    this.form.onsubmit = (event) => {
      event.preventDefault();
      const request = this.request();
      if (request) run(request);
    };
    this.form.onkeydown = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    };
    this.field("text").oninput = () => this.count();
    byId("pick").onclick = () => byId("file").click();
    byId("file").onchange = (event) => this.take(event.target.files);
    this.dropping();
    this.count();
  }

  field(name) {
    return this.form.elements.namedItem(name);
  }

  fill({ text, title = "", published = "", language = "", name = "" }) {
    for (const [field, value] of Object.entries({ text, title, published, language })) this.field(field).value = value;
    this.name = name;
    this.count();
  }

  /** The request that the form is, or nothing where something has to be mended first. */
  request() {
    const value = (name) => this.field(name).value;
    const text = value("text");
    const kinds = [...this.form.querySelectorAll("[name=kind]")];
    const chosen = kinds.filter((box) => box.checked).map((box) => box.value);
    if (!text.trim()) return this.complain("There is no text yet: paste an article, or choose a file.", "text");
    if (!chosen.length) return this.complain("Choose at least one kind of record.", "kind");
    this.complain("");
    const [title, language] = [value("title").trim(), value("language").trim()];
    const about = Object.entries({ title, published_at: value("published"), language });
    const known = Object.fromEntries(about.filter(([, said]) => said));
    const name = title || this.name || text.trim().split("\n")[0].slice(0, LONGEST_LINE);
    return {
      article: { text, ...known, id: [...name].slice(0, LONGEST_NAME).join("") },
      ...(chosen.length < kinds.length && { kinds: chosen }),
      keep: this.field("keep").checked,
    };
  }

  complain(message, field = null) {
    byId("complaint").textContent = message;
    this.field("text").setAttribute("aria-invalid", String(field === "text"));
    if (field) this.form.querySelector(`[name=${field}]`).focus();
    return null;
  }

  count() {
    const text = this.field("text").value;
    const characters = text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
    byId("count").textContent = characters ? `${characters.toLocaleString("en")} characters` : "";
  }

  async take(files) {
    const [file, ...others] = files;
    if (!file) return;
    try {
      this.fill(await readFile(file));
      const more = others.length ? ` One article is read at a time; ${others.length} other files were left.` : "";
      this.complain("");
      byId("taken").textContent = `This is what was taken from ${file.name}. Look it over before you run it.${more}`;
    } catch (error) {
      this.complain(error instanceof FileError ? error.message : "The file could not be read.");
    }
    byId("file").value = "";
  }

  dropping() {
    const over = (on) => document.body.classList.toggle("dropping", on);
    const files = (event) => event.dataTransfer?.types.includes("Files");
    document.ondragover = (event) => {
      if (!files(event)) return;
      event.preventDefault();
      over(true);
    };
    document.ondragleave = (event) => !event.relatedTarget && over(false);
    document.ondrop = (event) => {
      over(false);
      if (!files(event)) return;
      event.preventDefault();
      if (!this.form.hidden) this.take(event.dataTransfer.files);
    };
  }

  sampleButton({ label, text, title, published_at, language }) {
    const fill = () => {
      this.fill({ text, title, published: published_at, language });
      byId("taken").textContent = "A sample: its names and events are invented.";
      this.field("text").focus();
    };
    return button(label, fill);
  }
}

function choiceOf(kind, index) {
  const about = `about-${kind.name}`;
  const more = kind.outside && el("small", {}, `Not: ${kind.outside}.`);
  return el(
    "label",
    { class: `choice k k${index % 8}` },
    el("input", { type: "checkbox", name: "kind", value: kind.name, checked: true, "aria-describedby": about }),
    el("span", { class: "line" }, kind.label),
    el("span", { class: "about", id: about, title: more ? more.textContent : null }, kind.about),
  );
}
