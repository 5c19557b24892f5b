// The page of the service: a new article, a stored result, or what was read before.
import { get, key, ProblemError } from "./api.js";
import { Composer } from "./compose.js";
import { Desk, showSide } from "./desk.js";
import { announce, button, byId, el } from "./dom.js";
import { History } from "./history.js";
import { problemOf } from "./remarks.js";
import { Reviews } from "./reviews.js";
import { Run } from "./run.js";

/** Milliseconds between two looks at a job that has not ended. */
const AGAIN = 2000;

const { guide, samples } = JSON.parse(byId("data").textContent);
const composer = new Composer(guide, samples, start);
const past = new History();
let run = null;
let desk = null;
/** What of the address is shown. */
let shown = null;

function view(name, heading = null) {
  for (const id of ["compose", "reading", "history"]) byId(id).hidden = id !== name;
  byId("records").hidden = name !== "reading";
  byId("sides").hidden = name !== "reading";
  byId("desk").className = `desk ${name}`;
  byId("kicker").replaceChildren();
  byId("banner").replaceChildren();
  if (heading) byId("heading").textContent = heading;
  byId("heading").parentElement.dir = "ltr";
  document.title = `${heading ?? "Article"} – Dragoman`;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (name !== "history") past.close();
  scrollTo(0, 0);
}

const place = () => location.pathname + (location.hash === "#history" ? location.hash : "");

/** Shows what the address says, unless it is shown: a link within the page changes the address too. */
function route() {
  if (place() === shown) return;
  shown = place();
  run?.stop();
  const [, job] = location.pathname.match(/^\/results\/([^/]+)$/) ?? [];
  if (job) {
    view("reading", "Stored result");
    return void stored(`/v1/jobs/${job}`);
  }
  if (location.hash === "#history") {
    view("history", "History");
    return void past.open(null);
  }
  compose();
}

function compose() {
  view("compose", "Read an article");
}

function start(request) {
  run?.stop();
  view("reading");
  showSide("records");
  run = new Run(guide, request, { kept, again: () => start(request), edit: compose });
  desk = run.desk;
  run.read().finally(() => (run = run?.request === request ? null : run));
  byId("progress").focus(); // and not its button, which a key that is held down would press
}

/** What there is besides where a result is stored: its own address, and reviews. */
function extras(job, saved, answer) {
  const reviews = new Reviews(job, saved, answer, () => desk);
  const address = `${location.origin}/results/${job.split("/").pop()}`;
  const copy = async (event) => {
    event.preventDefault();
    await navigator.clipboard.writeText(address).catch(() => {});
    event.target.textContent = "Link copied";
    announce("Link copied.");
  };
  return {
    actions: [el("a", { class: "button quiet", href: address, onclick: copy }, "Copy link")],
    extend: (entry) => reviews.bar(entry),
    below: reviews.summary,
  };
}

function kept(job, answer) {
  history.pushState(null, "", `/results/${job.split("/").pop()}`);
  shown = place();
  return extras(job, [], answer);
}

async function stored(job) {
  showSide("records");
  try {
    desk = new Desk(guide, await get(`${job}/article`));
    if (!(await ended(job))) return;
    const [answer, { reviews }] = await Promise.all([get(`${job}/result`), get(`${job}/reviews`)]);
    Object.assign(desk, extras(job, reviews, answer));
    desk.show(answer);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const again = button("Try again", () => stored(job), "");
    byId("banner").replaceChildren(problemOf({ heading: "There is no result to show", ...error.problem }, again));
  }
}

/** Waits for the end of a job, and says meanwhile how far it is; false where the reader has gone on. */
async function ended(job) {
  const path = location.pathname;
  while (location.pathname === path) {
    const { state, progress } = await get(job);
    if (!["queued", "running"].includes(state)) return true;
    const far = progress.questions ? `, ${progress.done} of ${progress.questions} questions answered` : "";
    const told = `The article is ${state}${far}. Its records are shown as soon as they are there.`;
    byId("banner").replaceChildren(el("p", { class: "notice" }, told));
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
  return false;
}

/** Asks the reader for a key in a dialog. */
key.ask = (wrong) => {
  const dialog = byId("key");
  byId("key-wrong").hidden = !wrong;
  byId("key-cancel").onclick = () => dialog.close();
  dialog.showModal();
  return new Promise((resolve) => {
    byId("key-form").onsubmit = () => {
      key.set(byId("key-value").value.trim());
      byId("forget").hidden = false;
      resolve(true);
    };
    dialog.onclose = () => {
      byId("key-value").value = "";
      resolve(false);
    };
  });
};

byId("forget").hidden = key.get() === null;
byId("forget").onclick = () => {
  key.forget();
  location.reload();
};
byId("help").onclick = () => byId("keys").showModal();
for (const button of byId("sides").children) button.onclick = () => showSide(button.value);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && run && !document.querySelector("dialog[open]")) run.stop();
});
addEventListener("beforeunload", (event) => run && event.preventDefault());
addEventListener("popstate", route);
route();
