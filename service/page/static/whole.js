// A file with articles and answers inside: no service behind it, and nothing fetched.
import { Desk, showSide } from "./desk.js";
import { byId, el, nameOf } from "./dom.js";
import { problemOf } from "./remarks.js";

const { guide, readings } = JSON.parse(byId("data").textContent);

function openReading(index) {
  const { article, answer, problem } = readings[index];
  const desk = new Desk(guide, article);
  if (answer) desk.show(answer);
  else byId("banner").replaceChildren(problemOf(problem));
  for (const button of byId("readings").querySelectorAll("button")) {
    button.setAttribute("aria-current", String(button.value === String(index)));
  }
  scrollTo(0, 0);
}

function choiceOfReading({ article, answer }, index) {
  const found = answer ? Object.values(answer.records).flat().length : "no answer";
  const open = () => openReading(index);
  return el(
    "li",
    {},
    el("button", { type: "button", value: index, onclick: open, dir: "auto" }, nameOf(article)),
    el("span", { class: "count" }, String(found)),
  );
}

byId("readings").hidden = readings.length < 2;
byId("readings").querySelector("ol").append(...readings.map(choiceOfReading));
byId("help").onclick = () => byId("keys").showModal();
for (const button of byId("sides").children) button.onclick = () => showSide(button.value);
showSide("records");
if (readings.length) openReading(0);
