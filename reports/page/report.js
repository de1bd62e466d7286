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
function prepare() {
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
    item.hay = `${item[0]}\n${operationOf(item)}\n${reasonOf(item)}\n${item.causes.map((each) => `${DATA.causes[each].rule}\n${DATA.causes[each].summary}`).join("\n")}`.toLowerCase();
  });
}

function caseMatches(item) {
  if (state.outcome && outcomeOf(item) !== state.outcome) return false;
  return !state.operation || operationOf(item) === state.operation;
}

function filter() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (hay) => words.every((word) => hay.includes(word));
  const right = DATA.cases.map(caseMatches);
  const met = new Set();
  matchedCauses = [];
  DATA.causes.forEach((cause, index) => {
    if (state.rule && cause.rule !== state.rule) return;
    const found = [];
    cause.found.forEach((each, number) => { if (right[each[0]] && has(cause.hay[number])) found.push(number); });
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
    ...(meta.finished ? [] : [h("p", { class: "cutoff" }, `The run was cut off: ${count(Math.max(waiting, 0))} of ${many(meta.planned, "planned case")} were not played.`)]),
    ...(meta.left ? [h("p", { class: "cutoff" }, `${many(meta.left, "object")} could not be removed from the target: ${DATA.left.join(", ")}.`)] : []),
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

// Findings.
function drawCauses() {
  const list = byId("causes");
  const shown = matchedCauses.slice(0, causesShown);
  list.replaceChildren(...shown.map(causeItem));
  for (const open of list.querySelectorAll(".cause.open")) showMarked(open);
  if (!shown.length) list.append(h("li", { class: "empty" }, DATA.causes.length ? "No finding matches these filters." : "No findings: every judged case holds."));
  const rest = matchedCauses.length - shown.length;
  byId("more-causes").hidden = rest <= 0;
  byId("more-causes").textContent = `Show ${count(Math.min(rest, CAUSES_AT_ONCE))} more of ${count(matchedCauses.length)}`;
  byId("findings-note").textContent = matchedCauses.length ? "One defect of the server is one entry, however many cases it breaks." : "";
}

// Distinct cases that match; where the page holds a part of a cause's findings, all of them while nothing is filtered.
function casesOf({ cause, found }) {
  return found.length === cause.found.length ? cause.count : new Set(found.map((number) => cause.found[number][0])).size;
}

function causeItem(entry) {
  const { cause, found } = entry;
  const open = state.open === cause.id;
  const operations = new Set(found.map((number) => operationOf(DATA.cases[cause.found[number][0]]))).size;
  const head = h("button", { class: "cause-head", type: "button", "aria-expanded": String(open), "data-cause": cause.id },
    h("span", { class: `tag is-${cause.keyword}` }, cause.keyword), h("span", { class: "what" }, cause.summary),
    h("span", { class: "many" }, h("b", null, many(casesOf(entry), "case")), many(operations, "operation")),
    h("span", { class: "where" }, [cause.rule, cause.place, cause.spec && cause.spec[1] ? `openapi.yaml:${cause.spec[1]}` : ""].filter(Boolean).map((each) => h("code", null, each)), cause.since ? h("span", { class: "tag plain" }, cause.since) : null, Object.keys(cause.known).length ? h("span", { class: "tag plain" }, Object.keys(cause.known).length === cause.found.length ? "known" : "known in part") : null),
  );
  const item = h("li", { class: open ? "cause open" : "cause" }, head);
  if (open) item.append(causeBody(entry));
  head.addEventListener("click", () => {
    const opens = state.open !== cause.id;
    Object.assign(state, { open: opens ? cause.id : "", at: 0 });
    writeAddress();
    redrawCause(entry);
  });
  return item;
}

// Opens or closes one entry and closes whichever was open, the rest of the list stays as it is.
function redrawCause(entry) {
  for (const open of document.querySelectorAll(".cause.open")) {
    open.classList.remove("open");
    open.querySelector(".cause-body").remove();
    open.querySelector(".cause-head").setAttribute("aria-expanded", "false");
  }
  const head = document.querySelector(`[data-cause="${entry.cause.id}"]`);
  if (!head || state.open !== entry.cause.id) return;
  head.setAttribute("aria-expanded", "true");
  head.parentElement.classList.add("open");
  head.after(causeBody(entry));
  showMarked(head.parentElement);
}

// Boxes that scroll begin at what they are there to show.
function showMarked(item) {
  for (const box of item.querySelectorAll(".timeline, .code pre")) {
    const hit = box.querySelector(".hit");
    if (hit && box.scrollHeight > box.clientHeight) box.scrollTop = Math.max(0, hit.offsetTop - box.clientHeight / 3);
  }
}

function causeBody(entry) {
  const { cause, found } = entry;
  const rule = DATA.rules[cause.rule] || ["", "", "", ""];
  const at = Math.min(state.at, found.length - 1);
  const says = [];
  if (rule[0] || rule[1]) {
    says.push(h("div", null, h("h3", null, "The rule"), h("p", null, rule[0] || cause.summary), rule[3] ? h("p", { class: "note" }, `Contested: ${rule[3]}`) : null, rule[1] ? [h("h3", null, "How to mend it"), h("p", null, rule[1])] : null, rule[2] ? h("p", { class: "note" }, "Source: ", rule[2]) : null));
  }
  if (cause.excerpt) says.push(h("div", null, h("h3", null, "Where the contract says so"), excerptBox(cause)));
  const body = h("div", { class: "cause-body" }, says.length ? h("div", { class: says.length > 1 ? "rule-says" : "rule-says one" }, says) : null);
  const move = (by) => { state.at = at + by; writeAddress(); redrawCause(entry); const next = document.querySelector(`.cause.open [data-step="${by}"]`); if (next) next.focus({ preventScroll: true }); };
  const one = cause.found[found[at]];
  const item = DATA.cases[one[0]];
  body.append(h("div", { class: "picker" }, h("span", { class: "at" }, outcomeTag(outcomeOf(item)), " ", h("code", null, item[0])),
    found.length > 1 ? [h("span", { class: "soft" }, `${count(at + 1)} of ${count(found.length)}`), h("button", { class: "step", type: "button", "data-step": "-1", disabled: at === 0, onclick: () => move(-1) }, "Previous"), h("button", { class: "step", type: "button", "data-step": "1", disabled: at === found.length - 1, onclick: () => move(1) }, "Next")] : null));
  body.append(...finding(cause, one).filter(Boolean));
  if (found.length > 1) body.append(otherCases(entry, at));
  return body;
}

function excerptBox(cause) {
  const [first, lines, marked] = cause.excerpt;
  const rows = lines.map((text, index) => h("span", { class: first + index === marked ? "row-line hit" : "row-line" }, h("span", { class: "ln", "aria-hidden": "true" }, String(first + index)), text));
  return h("div", { class: "code" }, h("pre", { tabindex: "0", role: "region", "aria-label": "Excerpt of openapi.yaml" }, rows));
}

function otherCases(entry, at) {
  const { cause, found } = entry;
  const groups = new Map();
  found.forEach((number, index) => {
    const operation = operationOf(DATA.cases[cause.found[number][0]]) || "no operation";
    if (!groups.has(operation)) groups.set(operation, []);
    groups.get(operation).push(index);
  });
  const chip = (index) => h("button", { class: "chip", type: "button", "aria-current": index === at ? "true" : null, onclick: () => { state.at = index; writeAddress(); redrawCause(entry); } }, DATA.cases[cause.found[found[index]][0]][0]);
  const parts = [...groups].map(([operation, indices]) => h("details", { class: "fold", open: groups.size === 1 && indices.length <= 12 }, h("summary", null, `${operation}: ${many(indices.length, "case")}`), h("div", { class: "chips" }, indices.slice(0, 300).map(chip), indices.length > 300 ? h("span", { class: "soft" }, `and ${count(indices.length - 300)} more: filter by operation to reach them`) : null)));
  const left = cause.more ? h("p", { class: "note" }, `${many(cause.more, "more finding")} of this cause are in the record, too many for this page.`) : null;
  return h("div", null, h("h3", null, `All ${many(found.length, "finding")} of this cause, by operation`), parts, left);
}

function finding(cause, one) {
  const [index, summary, expected, actual, where, exchangeId, allowed, excerpt] = one;
  const known = cause.known[cause.found.indexOf(one)];
  const exchange = exchangeId ? DATA.exchanges[exchangeId] : null;
  const parts = [];
  if (summary && summary !== cause.summary) parts.push(h("p", { class: "lead" }, summary));
  if (known) parts.push(h("p", { class: "note" }, `Known failure: ${known}`));
  parts.push(h("div", { class: "versus" }, h("div", null, h("h3", null, "Expected"), h("p", null, expected || "–")), h("div", null, h("h3", null, where ? `Actual, at ${where}` : "Actual"), h("p", null, actual || "–"))));
  const sequence = (DATA.sequences[index] || []).filter((each) => DATA.exchanges[each]);
  if (allowed && allowed.length && !(exchange && exchange.rows)) parts.push(h("p", { class: "note" }, `Allowed here: ${allowed.join(", ")}.`));
  if (sequence.length > 1) parts.push(h("h3", null, `The sequence, ${many(sequence.length, "request")}`), sequenceList(sequence, exchangeId, where));
  else if (exchange) parts.push(...exchangeParts(exchange, where));
  else if (exchangeId) parts.push(h("p", { class: "note" }, `Its exchange is not on this page; the record holds it as ${exchangeId}.`));
  if (excerpt && excerpt.length && !(exchange && exchange.rows && exchange.marks.some((mark) => where === `event ${mark.n}` && exchange.rows.some((row) => row[0] === mark.n)))) {
    parts.push(h("h3", null, "The stretch around it"), h("div", { class: "code" }, h("pre", { tabindex: "0", role: "region", "aria-label": "Events around the finding" }, excerpt.map((each) => h("span", { class: each.startsWith(`${where} `) ? "row-line hit" : "row-line" }, each)))));
  }
  return parts;
}

function sequenceList(ids, current, where) {
  const all = () => ids.map((each) => DATA.exchanges[each].curl).join("\n\n");
  const steps = ids.map((each) => {
    const exchange = DATA.exchanges[each];
    const here = each === current;
    const body = h("details", { class: "fold", open: here }, h("summary", null, "curl and answer"), exchangeParts(exchange, here ? where : ""));
    return h("li", { class: here ? "hit" : "" }, h("p", { class: "line" }, h("code", null, `${exchange.method} ${exchange.url}`), " ", statusOf(exchange)), body);
  });
  return h("div", null, h("p", null, h("button", { class: "step", type: "button", onclick: async (event) => { const button = event.currentTarget; button.textContent = (await copy(all())) ? "Copied" : "Press Ctrl-C"; } }, "Copy all as curl")), h("ol", { class: "sequence show" }, steps));
}

function statusOf(exchange) {
  if (exchange.error) return h("span", { class: "status is-fail" }, `${exchange.error.kind}: ${exchange.error.detail}`);
  return h("span", { class: "status" }, exchange.response ? String(exchange.response.status) : "no answer");
}

function exchangeParts(exchange, where) {
  const parts = [h("h3", null, "The request"), exchange.curl ? codeBox(exchange.curl, "curl command") : h("p", { class: "note" }, "The request is too long for this page; the record holds it.")];
  const inRequest = /^\/(body|query|path)(\/|$)/.test(where);
  if (exchange.request && exchange.request.body && looksJson(exchange.request.body) && inRequest) {
    parts.push(...bodyBox(exchange.request, where.replace(/^\/body/, ""), "Body of the request"));
  }
  parts.push(h("h3", null, "The answer, ", statusOf(exchange), ` after ${seconds(exchange.elapsed_s)}`));
  if (!exchange.response) return parts;
  parts.push(headerList(exchange.response.headers, where.startsWith("/") ? "" : where));
  if (exchange.rows) parts.push(...timeline(exchange));
  else parts.push(...bodyBox(exchange.response, inRequest ? "" : where, "Body of the answer"));
  return parts;
}
