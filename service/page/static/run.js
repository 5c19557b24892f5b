// An article while it is read: records are shown as they are found, and the answer in their place at the end.
import { ProblemError, reading } from "./api.js";
import { Desk } from "./desk.js";
import { announce, button, byId, el, plural } from "./dom.js";
import { problemOf } from "./remarks.js";

/** Milliseconds between two things that a screen reader is told. */
const QUIET = 6000;

export class Run {
  /**
   * @param {any[]} kinds
   * @param {any} request
   * @param {{kept: (job: string, answer: any) => object, again: () => void, edit: () => void}} outcome what is added to
   *   the desk where the answer was kept, and what a reader may do where there is none
   */
  constructor(kinds, request, outcome) {
    Object.assign(this, { kinds, request, outcome, stopped: new AbortController() });
    Object.assign(this, { byNumber: new Map(), merged: null, kept: null, unkept: null, failures: [] });
    Object.assign(this, { began: Date.now(), told: 0, ended: false });
    this.desk = new Desk(kinds, request.article);
    byId("stop").onclick = () => this.stop();
  }

  stop() {
    this.stopped.abort();
  }

  async read() {
    byId("progress").hidden = false;
    byId("bar").removeAttribute("value");
    announce("Reading has begun.");
    this.clock();
    const ticking = setInterval(() => this.clock(), 1000);
    let last = null;
    try {
      for await (const event of reading(this.request, this.stopped.signal)) {
        last = event;
        this.take(event);
      }
      if (!this.ended) this.unfinished("The connection was cut off before the end.");
    } catch (error) {
      if (this.stopped.signal.aborted) this.unfinished("You stopped it. The service asks the model nothing more.");
      else if (error instanceof ProblemError) this.fail(error.problem);
      else if (last) this.unfinished("The connection was cut off before the end.");
      else this.fail({ code: "unreached", detail: "" });
    } finally {
      clearInterval(ticking);
      if (byId("progress").contains(document.activeElement)) byId("tally").focus();
      byId("progress").hidden = true;
    }
  }

  take(event) {
    const { desk, byNumber } = this;
    const provisional = { provisional: true };
    const handlers = {
      begun: () => event.kinds.forEach((kind) => desk.tell(kind)),
      progress: () => this.progress(event),
      record: () => byNumber.set(event.number, desk.add(event.kind, event.record, event.origins, provisional)),
      withdrawn: () => {
        if (byNumber.has(event.number)) desk.remove(byNumber.get(event.number));
        byNumber.delete(event.number);
      },
      failure: () => this.failed(event.failure),
      merged: () => (this.merged = event.records),
      kept: () => (this.kept = event.job),
      unkept: () => (this.unkept = event.problem),
      extraction: () => this.finish(event.extraction),
      problem: () => this.fail(event.problem),
    };
    handlers[event.event]?.(); // what a newer service tells besides can be done without
  }

  progress({ done, questions, kinds }) {
    byId("bar").max = Math.max(questions, 1);
    byId("bar").value = done;
    byId("steps").textContent = `${done} of ${plural(questions, "question")}`;
    for (const [kind, steps] of Object.entries(kinds)) this.desk.tell(kind, steps);
    if (Date.now() - this.told < QUIET) return;
    this.told = Date.now();
    announce(`${plural(this.desk.entries.length, "record")} so far; ${byId("steps").textContent} answered.`);
  }

  clock() {
    byId("elapsed").textContent = `${Math.round((Date.now() - this.began) / 1000)} s`;
  }

  failed(failure) {
    this.failures.push(failure);
    this.desk.warn("Some of the article gets no answer", this.failures);
  }

  finish(answer) {
    this.ended = true;
    const { byNumber, merged } = this;
    const more = this.kept ? this.outcome.kept(this.kept, answer) : {};
    Object.assign(this.desk, more);
    this.desk.show(answer, (kind, index) => (merged?.[kind]?.[index] ?? []).map((number) => byNumber.get(number)));
    if (this.unkept) {
      const told = el("p", { class: "notice warn" }, `It could not be kept on the server: ${this.unkept.detail}`);
      byId("banner").prepend(told);
    }
  }

  actions() {
    return [button("Run it again", this.outcome.again, ""), button("Change the article", this.outcome.edit)];
  }

  /** What had come stays, and says that it is not all. */
  unfinished(reason) {
    this.ended = true;
    byId("tally").textContent = `${plural(this.desk.entries.length, "record")}, unfinished`;
    byId("banner").replaceChildren(
      el(
        "section",
        { class: "notice warn", role: "alert" },
        el("h2", {}, "Unfinished"),
        el("p", {}, `${reason} What had been found by then is below. It is not all, and may not all be right.`),
        el("p", { class: "actions" }, this.actions()),
      ),
    );
  }

  fail(problem) {
    this.ended = true;
    byId("tally").textContent = "";
    byId("banner").replaceChildren(problemOf(problem, ...this.actions()));
  }
}
