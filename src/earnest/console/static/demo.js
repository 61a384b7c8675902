// The demo page: records with capture.js, asks POST /demo, and shows verdict and evidence under each question.
"use strict";

const CHECKS = ["LLM Generated", "Nonsensical", "Irrelevant", "Low Effort", "Repeated Answers", "Duplicate Answers"];

const byId = (id) => document.getElementById(id);
const timing = byId("timing");
let capture = begin();

function begin() {
  const begun = Earnest.capture({ privacy: timing.checked ? "timing" : "text" });
  document.querySelectorAll("[data-bait]").forEach((bait) => bait.remove());
  for (const id of ["cancel", "morning"]) begun.honeypot(id)?.setAttribute("data-bait", "");
  return begun;
}

timing.addEventListener("change", () => {
  capture.stop();
  byId("survey").querySelectorAll(".verdict").forEach((each) => each.replaceChildren());
  for (const field of document.querySelectorAll("[data-earnest]")) field.value = "";
  capture = begin();
});

byId("survey").addEventListener("submit", async (event) => {
  event.preventDefault();
  const entries = capture.answers();
  byId("survey").querySelectorAll(".verdict").forEach((each) => each.replaceChildren());
  if (!entries.length) return say("Answer at least one question first.");
  const button = byId("survey").querySelector("button");
  button.disabled = true;
  say("Judging…");
  try {
    const response = await fetch("/demo", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ surveyName: "Coffee at home", surveyEntries: entries }),
    });
    const found = await response.json();
    if (!response.ok) throw new Error(found.message);
    found.evaluations.forEach((each, i) => show(entries[i], each));
    const issues = found.numIssues === 1 ? "1 issue" : `${found.numIssues || "no"} issues`;
    say(`Quality ${Math.round(found.qualityScore)} of 100, ${issues}.`);
  } catch (fault) {
    say(`That did not work: ${fault.message}`);
  } finally {
    button.disabled = false;
  }
});

function say(text) {
  byId("outcome").textContent = text;
}

function show(entry, evaluation) {
  const place = document.querySelector(`.verdict[data-of="${entry.questionIdentifier}"]`);
  if (!place) return;
  const list = make("ul", "", "checks");
  for (const name of CHECKS) list.append(check(name, evaluation.qualityIssueChecks.find((each) => each.type === name)));
  const details = make("details", "");
  const { keyEvents, pasteEvents, capture } = entry;
  details.append(make("summary", "What was recorded"), make("pre", JSON.stringify({ capture, pasteEvents, keyEvents }, null, 1)));
  place.replaceChildren(make("p", recorded(entry)), list, details);
}

function check(name, finding) {
  const item = make("li", "", finding && finding.isIssue ? "flagged" : "");
  item.append(make("b", name), make("span", finding ? String(Math.round(finding.score)) : "cannot tell", "score"));
  if (finding && finding.evidence) item.append(make("p", finding.evidence));
  return item;
}

/** What was recorded of an answer, in one line. */
function recorded({ keyEvents, pasteEvents, capture }) {
  const erased = keyEvents.filter((each) => /^(Backspace|Delete)$/.test(each.k)).length;
  const script = capture.inputs.filter((each) => each.u || each.i === "noEvent");
  const feigned = script.filter((each) => each.i === "keydown");
  const other = capture.inputs.filter((each) => !script.includes(each) && each.i !== "prefilled");
  const away = capture.away.reduce((sum, each) => sum + each.ms, 0);
  const said = [
    count(keyEvents.length, "key"),
    erased && count(erased, "correction"),
    pasteEvents.length && count(pasteEvents.length, "paste"),
    other.length && `${count(total(other), "character")} by dictation, suggestion or input method`,
    script.length > feigned.length && `${count(total(script.filter((each) => each.i !== "keydown")), "character")} by a script`,
    feigned.length && `${count(total(feigned), "key")} by a script`,
    away && `${Math.round(away / 1000)} s elsewhere`,
    capture.dropped && `${count(capture.dropped, "event")} left out`,
  ];
  return `Recorded: ${said.filter(Boolean).join(" · ")}.`;
}

const total = (inputs) => inputs.reduce((sum, each) => sum + each.n, 0);
const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

function make(tag, text, className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}
