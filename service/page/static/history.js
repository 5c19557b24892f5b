// Earlier articles and batches: how far they are, and where their results are.
import { call, get, ProblemError } from "./api.js";
import { button, byId, el, plural, words } from "./dom.js";
import { problemOf } from "./remarks.js";

/** Milliseconds between two looks at what has not ended; not while the page is out of sight. */
const AGAIN = 4000;
/** Of each list, how many are looked at each time: no long list is asked about one by one. */
const MOST = 20;
const PAGE = 25;
const UNENDED = ["queued", "running"];

export class History {
  constructor() {
    this.jobs = new List("jobs", jobRow, (job) => UNENDED.includes(job.state));
    this.batches = new List("batches", (batch) => batchRow(batch, () => this.open(batch.id)), (batch) => !batch.ended);
    byId("state").onchange = () => this.load();
    byId("whole").onclick = () => this.open(null);
  }

  /** Shows the lists as they are now, or one batch's, and goes on looking at them as long as they are in sight. */
  async open(batch) {
    this.batch = batch;
    byId("of-batch").hidden = !batch;
    byId("batch-name").textContent = batch ?? "";
    this.close();
    this.watching = setInterval(() => document.hidden || this.refresh(), AGAIN);
    await Promise.all([this.load(), this.batches.load({})]);
  }

  close() {
    clearInterval(this.watching);
  }

  load() {
    return this.jobs.load({ state: byId("state").value, batch: this.batch });
  }

  refresh() {
    return Promise.all([this.jobs.refresh(), this.batches.refresh()]);
  }
}

/** Newest first, a page at a time. */
class List {
  constructor(name, row, isOpen) {
    Object.assign(this, { name, row, isOpen, path: `/v1/${name}`, rows: new Map(), list: byId(name) });
    this.below = this.list.parentElement.querySelector(".more");
  }

  async load(filter) {
    const set = Object.entries(filter).filter(([, value]) => value);
    await this.page(`${this.path}?${new URLSearchParams([["limit", PAGE], ...set])}`, true);
  }

  async page(path, isFirst) {
    try {
      const page = await get(path);
      if (isFirst) this.list.replaceChildren();
      if (isFirst) this.rows.clear();
      page[this.name].forEach((item) => this.put(item));
      const more = page.next && button("Show more", () => this.page(page.next, false));
      const none = !this.rows.size && el("p", { class: "soft" }, "There are none yet.");
      this.below.replaceChildren(...[more, none].filter(Boolean));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.below.replaceChildren(problemOf({ heading: "The list cannot be shown", ...error.problem }));
    }
  }

  put(item) {
    const node = this.row(item);
    const known = this.rows.get(item.id)?.node;
    if (known) known.replaceWith(node);
    else this.list.append(node);
    this.rows.set(item.id, { item, node });
  }

  /** Looks again at what has not ended. What cannot be looked at now is looked at next time. */
  refresh() {
    const open = [...this.rows.values()].map((row) => row.item).filter(this.isOpen).slice(0, MOST);
    return Promise.allSettled(open.map(async ({ id }) => this.put(await get(`${this.path}/${id}`))));
  }
}

function batchRow(batch, open) {
  const counts = Object.entries(batch.counts).filter(([, count]) => count);
  const name = [button(batch.id, open, "link"), el("span", { class: "soft" }, moment(batch.created_at))];
  const refused = batch.rejected.length > 0 && stateOf("failed", `${plural(batch.rejected.length, "line")} refused`);
  return el(
    "li",
    {},
    el("div", { class: "what" }, name),
    el("div", { class: "counts" }, counts.map(([state, count]) => stateOf(state, `${count} ${state}`)), refused),
  );
}

function jobRow(job) {
  const { done, questions } = job.progress;
  const state = job.state === "running" && questions ? `running, ${done} of ${questions}` : job.state;
  const cancel = async (event) => {
    event.target.disabled = true;
    await call(`/v1/jobs/${job.id}`, { method: "DELETE" }).catch(() => (event.target.disabled = false));
  };
  const facts = [moment(job.created_at), took(job), job.reused_from && "read before"].filter(Boolean);
  return el(
    "li",
    {},
    el(
      "div",
      { class: "what" },
      el("a", { href: `/results/${job.id}` }, words(job.article_id || job.id)),
      el("span", { class: "soft" }, facts.join(" · ")),
      job.error && el("span", { class: "error" }, `${job.error.detail} (${job.error.code})`),
    ),
    UNENDED.includes(job.state) && button("Cancel", cancel),
    stateOf(job.state, state),
  );
}

const stateOf = (state, label) => el("span", { class: `chip-state ${state}` }, label);

const moment = (time) => new Date(time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

function took({ started_at: started, finished_at: finished }) {
  return started && finished ? `${((new Date(finished) - new Date(started)) / 1000).toFixed(0)} s` : null;
}
