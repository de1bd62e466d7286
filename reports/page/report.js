// The page: state lives in the address (#q=…&outcome=…&operation=…&rule=…&open=…), everything is drawn from it.
const state = { q: "", outcome: "", operation: "", rule: "", open: "", at: 0 };
const CAUSES_AT_ONCE = 60;
const ROW = 34;
let causesShown = CAUSES_AT_ONCE;
let matchedCases = [];
let matchedCauses = [];

const outcomeOf = (item) => DATA.outcomes[item[2]];
const operationOf = (item) => (item[1] < 0 ? "" : DATA.operations[item[1]][0]);
const reasonOf = (item) => (item[3] < 0 ? "" : DATA.reasons[item[3]]);

// What a search looks through, lower case, built once.
const exchangeHay = new Map();

function prepare() {
  for (const [id, exchange] of Object.entries(DATA.exchanges)) {
    const answer = exchange.response || {};
    const stream = exchange.rows ? Object.values(exchange.texts).join("\n") : "";
    exchangeHay.set(id, `${exchange.curl}\n${answer.status || ""}\n${answer.body || ""}\n${stream}`.toLowerCase());
  }
  const said = new Map();
  DATA.causes.forEach((cause, index) => {
    const rule = DATA.rules[cause.rule] || ["", "", "", ""];
    const general = `${cause.rule}\n${cause.summary}\n${cause.place}\n${rule[0]}\n`;
    cause.hay = cause.found.map((found) => `${general}${DATA.cases[found[0]][0]}\n${found[1]}\n${found[2]}\n${found[3]}\n${found[4]}`.toLowerCase());
    for (const found of cause.found) {
      if (!said.has(found[0])) said.set(found[0], []);
      said.get(found[0]).push(index);
    }
  });
  DATA.cases.forEach((item, index) => {
    item.causes = [...new Set(said.get(index) || [])];
    item.hay = `${item[0]}\n${outcomeOf(item)}\n${operationOf(item)}\n${reasonOf(item)}\n${item.causes.map((each) => `${DATA.causes[each].rule}\n${DATA.causes[each].summary}`).join("\n")}`.toLowerCase();
  });
}

function caseMatches(item) {
  if (state.outcome && outcomeOf(item) !== state.outcome) return false;
  return !state.operation || operationOf(item) === state.operation;
}

function filter() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (hay, more = "") => words.every((word) => hay.includes(word) || more.includes(word));
  const right = DATA.cases.map(caseMatches);
  const met = new Set();
  matchedCauses = [];
  DATA.causes.forEach((cause, index) => {
    if (state.rule && cause.rule !== state.rule) return;
    const found = [];
    cause.found.forEach((each, number) => { if (right[each[0]] && has(cause.hay[number], exchangeHay.get(each[5]))) found.push(number); });
    if (!found.length) return;
    matchedCauses.push({ cause, index, found });
    for (const number of found) met.add(cause.found[number][0]);
  });
  matchedCases = [];
  DATA.cases.forEach((item, index) => {
    if (right[index] && (met.has(index) || (!state.rule && has(item.hay)))) matchedCases.push(index);
  });
}

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const key of ["q", "outcome", "operation", "rule", "open"]) state[key] = given.get(key) || "";
  state.at = Number(given.get("at")) || 0;
}

function writeAddress() {
  const kept = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) if (value) kept.set(key, String(value));
  const text = kept.toString();
  history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
}

function set(changes) {
  Object.assign(state, changes);
  causesShown = CAUSES_AT_ONCE;
  writeAddress();
  draw();
}

function draw() {
  filter();
  byId("q").value = state.q;
  for (const key of ["outcome", "operation", "rule"]) byId(`f-${key}`).value = state[key];
  for (const button of document.querySelectorAll(".count")) button.setAttribute("aria-pressed", String(button.dataset.outcome === state.outcome));
  const filtered = Boolean(state.q || state.outcome || state.operation || state.rule);
  byId("clear").hidden = !filtered;
  byId("shown").textContent = `${count(matchedCauses.length)} of ${many(DATA.causes.length, "cause")}, ${count(matchedCases.length)} of ${many(DATA.cases.length, "case")}`;
  drawCauses();
  drawOperations();
  drawReasons();
  drawCases();
}

// The top.
function hero() {
  const meta = DATA.meta;
  const total = DATA.cases.length;
  const failed = DATA.totals.fail || 0;
  const must = DATA.causes.filter((each) => each.keyword === "MUST").length;
  const judged = ["pass", "warn", "fail"].reduce((sum, each) => sum + (DATA.totals[each] || 0), 0);
  byId("bar-target").textContent = meta.url;
  const title = !judged ? "Nothing could be judged" : failed ? `${count(failed)} of ${many(judged, "judged case")} ${failed === 1 ? "fails" : "fail"}` : `All ${many(judged, "judged case")} hold`;
  const rest = DATA.causes.length - must;
  const lead = DATA.causes.length
    ? `${many(DATA.causes.length, "root cause")}: ${must ? `${many(must, "broken MUST")}${rest ? " and " : ""}` : ""}${rest ? many(rest, "broken SHOULD") : ""}.`
    : judged ? "No requirement of the contract was found broken." : "See below what stood in the way.";
  const facts = [["Target", h("code", null, meta.url)], ["Contract", `${meta.spec.title} ${meta.spec.version}`], ["Digest", h("code", { title: meta.spec.sha256 }, meta.spec.sha256.slice(0, 12))], ["Profile", meta.profile || "none"], ["Models", models(meta.models)], ["Seed", String(meta.seed)], ["Started", meta.started_at.replace("T", " ").replace(/\.\d+/, "").replace("Z", " UTC")], ["Took", meta.finished ? `${seconds(meta.duration_s)}, ${many(meta.requests, "request")}${meta.events ? `, ${many(meta.events, "stream event")}` : ""}${meta.tokens ? `, ${many(meta.tokens, "token")}` : ""}` : "cut off"], ["Suite", meta.suite]];
  const meters = DATA.coverage.map(([name, done, of]) => h("div", { class: "meter" }, h("span", null, name), h("span", { class: "num" }, h("b", null, count(done)), ` of ${count(of)}`), h("span", { class: "track", "aria-hidden": "true" }, h("span", { width: `${of ? (100 * done) / of : 0}%` }))));
  const counts = OUTCOMES.filter((each) => DATA.totals[each]).map((each) => h("button", { class: `count is-${each}`, type: "button", "data-outcome": each, "aria-pressed": "false", onclick: () => set({ outcome: state.outcome === each ? "" : each }) }, h("b", null, count(DATA.totals[each])), each, h("span", { class: "soft" }, `of ${count(total)}`)));
  const waiting = meta.planned - total;
  byId("hero").replaceChildren(
    h("h1", null, title), h("p", { class: "lead" }, lead),
    ...(meta.warning ? [h("p", { class: "cutoff" }, meta.warning)] : []),
    ...(meta.finished ? [] : [h("p", { class: "cutoff" }, `The run was cut off: ${count(Math.max(waiting, 0))} of ${many(meta.planned, "planned case")} were not played.`)]),
    ...(meta.left ? [h("details", { class: "cutoff fold", open: meta.left <= 3 }, h("summary", null, `${many(meta.left, "object")} could not be removed from the target`), DATA.left.join(", "))] : []),
    stackBar(DATA.totals, "stack"), h("div", { class: "counts", role: "group", "aria-label": "Cases by outcome" }, counts),
    h("div", { class: "two" }, h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", null, name), h("dd", null, value)])), h("div", null, meters)),
  );
  byId("foot").textContent = `Written by openapi-contract ${meta.suite} from run.jsonl, which holds every exchange behind these findings.`;
}

function models(names) {
  if (!names.length) return "none named";
  if (names.length <= 6) return names.join(", ");
  return h("details", { class: "fold" }, h("summary", null, `${names.slice(0, 4).join(", ")} and ${count(names.length - 4)} more`), names.slice(4).join(", "));
}

function choices(id, none, values) {
  const box = byId(id);
  box.replaceChildren(h("option", { value: "" }, none), ...values.map((value) => h("option", { value }, value)));
  box.addEventListener("change", () => set({ [id.slice(2)]: box.value }));
}
