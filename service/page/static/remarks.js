// What is not in the records, and why; what a problem means and what to do; what the reading cost. All in plain words.
import { button, el, fold, plural, words } from "./dom.js";

/** Reasons for which something was left out, as the service words them for the model, and as a reader is told. */
const REASONS = [
  [/^these words are not in the sentences shown/, () => "These words are not in the article, or not in the part read."],
  [/^a number alone is no name$/, () => "It is a bare number, where a name or other words are meant."],
  [/^this is who says it,/, () => "It is who says so, and not whom it is about."],
  [/^none of its words stands in/, () => "Nothing that it names stands in the sentences that it cites."],
  [/^it is named in (\w+) already$/, (field) => `The same name stands in “${field.replaceAll("_", " ")}” already.`],
  [/^no actor is named$/, () => "It does not say whom or what it is about."],
  [/^another record of the same passage/, () => "Another record of the same words fits them better."],
  [/^the answer that held it was broken off/, () => "The answer that held it was broken off, or given anew."],
  [/^does not fit the schema: (.*)$/s, (what) => `The model gave it in a form that cannot be used: ${what}.`],
];
/** Before a reason stands which part of a record it is about, where the record cannot be without that. */
const PLACE = /^([a-z_]+)(?:\/[\w/]*)?: (.*)$/s;

/** @returns {string} a reason for which something was left out, in words for a reader */
export function reasonOf(reason) {
  for (const [pattern, sentence] of REASONS) {
    const found = reason.match(pattern);
    if (found) return sentence(found[1]);
  }
  const about = reason.match(PLACE);
  return about ? `Its ${about[1].replaceAll("_", " ")}: ${reasonOf(about[2])}` : reason;
}

/** What a code means and what helps: of failures inside an answer, and of problems in place of one. */
const AGAIN_OR_LARGER = "Run it again; if it keeps happening, a larger model helps.";
const IN_PARTS = "Post the article in parts.";
const LATER = "Run it again in a while.";
const OPERATOR = "Its operator has to look into it: “dragoman check” tells more.";
const TOO_LONG = ["The article is longer than what is read at once.", "Shorten it, or post it in parts."];
const CODES = {
  answer_malformed: ["The model's answer did not have the form asked for, not even when asked again.", AGAIN_OR_LARGER],
  answer_refused: ["The model declined to answer.", "Another model may answer; running it again seldom helps."],
  answer_truncated: ["The model's answer was cut off before its end.", `Allow longer answers, or: ${IN_PARTS}`],
  answer_unusable: ["The model gave no answer that could be used.", AGAIN_OR_LARGER],
  article_empty: ["There is no text.", "Paste the article's text."],
  article_too_long: TOO_LONG,
  body_too_large: TOO_LONG,
  context_too_long: ["This does not fit into what the model can read at once.", IN_PARTS],
  deadline_exceeded: ["The time for the article was over.", "Run it again, or have its operator allow more time."],
  invalid_fields: ["Something in the form cannot be used.", "Mend what is named below."],
  job_cancelled: ["The article was cancelled, so it has no result.", "Read it again."],
  job_failed: ["The article could not be read, so it has no result.", "Read it again."],
  job_unknown: ["There is no such result; results are kept for some days.", "Read the article again."],
  loopback_only: ["This service has no keys, so it serves its own machine only.", "Ask its operator to set keys."],
  model_call_failed: ["The model server could not be used.", LATER],
  model_refused_credentials: ["The model server refused this service's own key.", OPERATOR],
  model_refused_request: ["The model server refused what this service sent.", OPERATOR],
  model_unavailable: ["The model server is down or overloaded.", LATER],
  overloaded: ["The service has as much work as it takes.", LATER],
  store_unavailable: ["The store of results is out of reach.", LATER],
  too_many_questions: ["The article calls for more questions than are asked of one.", IN_PARTS],
  unreached: ["The service could not be reached.", "See that it runs and that you are connected; then try again."],
};

/** Why there is no answer: what it means, what to do, and the name by which the operator finds it in the logs. */
export function problemOf(problem, ...actions) {
  const [means, todo] = CODES[problem.code] ?? [null, null];
  const request = problem.instance?.replace(/^urn:dragoman:request:/, "");
  const facts = [means && problem.detail, problem.code, problem.status, request && `request ${request}`];
  return el(
    "section",
    { class: "notice bad", role: "alert" },
    el("h2", {}, problem.heading ?? "There is no answer"),
    el("p", {}, means ?? problem.detail),
    todo && el("p", {}, todo),
    problem.errors?.length > 0 && el("ul", {}, problem.errors.map(faultOf)),
    el("p", { class: "soft" }, facts.filter(Boolean).join(" · ")),
    actions.length > 0 && el("p", { class: "actions" }, actions),
  );
}

const faultOf = ({ pointer, detail }) => el("li", {}, el("code", {}, pointer), ` ${detail}`);

/**
 * What was left out, folded.
 * @param {any[]} kinds
 * @param {any[]} rejected
 */
export function leftOut(kinds, rejected) {
  if (!rejected.length) return null;
  const whole = rejected.filter((one) => !one.field).length;
  const values = rejected.length - whole;
  const counts = [whole && plural(whole, "record"), values && plural(values, "value")];
  return fold({ class: "panel" }, `Left out: ${counts.filter(Boolean).join(" and ")}`, () => [
    el("p", { class: "soft" }, "What the model said and the article does not, and what could not be used."),
    el("ul", { class: "rejected" }, rejected.map((one) => rejection(kinds, one))),
  ]);
}

function rejection(kinds, { kind, field, reason, draft }) {
  const known = kinds.find((one) => one.name === kind);
  const label = known?.fields.find((one) => one.name === field?.split("/")[0])?.label.toLowerCase() ?? field;
  const what = field ? `${known?.label ?? kind}, ${label}` : `${known?.label ?? kind}, a whole record`;
  const said = typeof draft === "string" ? draft : "";
  return el(
    "li",
    {},
    el("strong", {}, what),
    said && [": ", el("q", {}, words(said))],
    el("p", {}, reasonOf(reason)),
    !said && fold({}, "What the model said", () => el("pre", { tabindex: "0" }, JSON.stringify(draft, null, 2))),
  );
}

/** Parts of the article without an answer: why, and which kinds were not looked for in which sentences. */
export function failuresOf(kinds, failures, show) {
  const reasons = Map.groupBy(failures, (failure) => `${failure.code}: ${failure.reason}`);
  const one = ([reason, alike]) => {
    const [means, todo] = CODES[alike[0].code] ?? ["", ""];
    const parts = Map.groupBy(alike, (failure) => failure.start);
    return el(
      "li",
      {},
      el("p", {}, `${means} ${todo} `, el("span", { class: "soft" }, `(${reason})`)),
      el("ul", { class: "parts" }, [...parts.values()].map((part) => partOf(kinds, part, show))),
    );
  };
  return el("ul", {}, [...reasons].map(one));
}

function partOf(kinds, failures, show) {
  const [{ first_sentence: first, last_sentence: last }] = failures;
  const label = first === last ? `Sentence ${first}` : `Sentences ${first}–${last}`;
  const named = failures.map((failure) => kinds.find((kind) => kind.name === failure.kind)?.label ?? failure.kind);
  return el("li", {}, button(label, () => show(failures[0]), "link"), `: ${named.join(", ")}`);
}

/** What the reading cost, and what it was done with. */
export function costs(answer) {
  const { usage } = answer;
  const count = (number) => number.toLocaleString("en");
  const rows = {
    "Model": answer.model,
    "Time": `${answer.duration_seconds.toLocaleString("en", { maximumFractionDigits: 1 })} s`,
    "Calls": `${count(usage.calls)} (${plural(usage.retries, "retry", "retries")}, ${plural(usage.reasks, "re-ask")})`,
    "Prompt tokens": `${count(usage.prompt_tokens)} (${count(usage.cached_tokens)} cached)`,
    "Completion tokens": `${count(usage.completion_tokens)} (${count(usage.reasoning_tokens)} thinking)`,
    "Sentences": count(answer.sentences),
    "Questions": count(answer.questions),
    "Prompts": answer.prompt_version,
    "Schemas": answer.schema_version,
    "Id": answer.id,
    ...(answer.reused_from && { "Repeats": answer.reused_from }),
  };
  const cellOf = ([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  const facts = () => el("dl", { class: "facts" }, Object.entries(rows).map(cellOf));
  return fold({ class: "panel" }, "How it was read", facts);
}
