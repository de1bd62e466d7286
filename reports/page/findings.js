// Findings. The causes of a rule that is broken in many places are told as one group.
const FOLD = 4;
const NESTED_AT_ONCE = 150;

function groupCauses() {
  const rules = new Map();
  for (const entry of matchedCauses) {
    const key = `${entry.cause.rule} ${entry.cause.keyword}`;
    if (!rules.has(key)) rules.set(key, []);
    rules.get(key).push(entry);
  }
  const groups = [];
  for (const entries of rules.values()) groups.push(...(entries.length >= FOLD ? [entries] : entries.map((entry) => [entry])));
  for (const entries of groups) entries.cases = entries.length > 1 ? distinct(entries, 0) : casesOf(entries[0]);
  const rank = (entries) => ["MUST", "SHOULD", "MAY"].indexOf(entries[0].cause.keyword);
  return groups.sort((x, y) => rank(x) - rank(y) || y.cases - x.cases);
}

// How many different cases (0) or operations (1) the matching findings of some causes have.
function distinct(entries, what) {
  const seen = new Set();
  for (const { cause, found } of entries) for (const number of found) seen.add(what ? DATA.cases[cause.found[number][0]][1] : cause.found[number][0]);
  return seen.size;
}

function drawCauses() {
  const list = byId("causes");
  const groups = groupCauses();
  // An entry that the address opens is shown, however far down it stands.
  const opened = groups.findIndex((entries) => entries.some((entry) => entry.cause.id === state.open));
  const shown = groups.slice(0, Math.max(causesShown, opened + 1));
  list.replaceChildren(...shown.map((entries) => (entries.length > 1 ? groupItem(entries) : causeItem(entries[0]))));
  for (const open of list.querySelectorAll(".cause.open")) showMarked(open);
  if (!shown.length) list.append(h("li", { class: "empty" }, DATA.causes.length ? "No finding matches these filters." : "No findings: every judged case holds."));
  const rest = groups.length - shown.length;
  byId("more-causes").hidden = rest <= 0;
  byId("more-causes").textContent = `Show ${count(Math.min(rest, CAUSES_AT_ONCE))} more of ${count(groups.length)}`;
  byId("findings-note").textContent = matchedCauses.length ? "One defect of the server is one entry, however many cases it breaks." : "";
}

function groupItem(entries) {
  const { cause } = entries[0];
  const rule = DATA.rules[cause.rule] || ["", "", "", ""];
  const inside = () => entries.some((entry) => entry.cause.id === state.open);
  const head = h("button", { class: "cause-head", type: "button" },
    h("span", { class: `tag is-${cause.keyword}` }, cause.keyword), h("span", { class: "what" }, rule[0] || cause.summary),
    h("span", { class: "many" }, h("b", null, many(entries.cases, "case")), many(distinct(entries, 1), "operation")),
    h("span", { class: "where" }, h("code", null, cause.rule), h("code", null, `${count(entries.length)} places`)));
  const item = h("li", { class: "group" }, head);
  const show = (open) => {
    head.setAttribute("aria-expanded", String(open));
    if (item.lastChild !== head) item.lastChild.remove();
    if (!open) return;
    const list = h("ol", { class: "causes nested" });
    const add = (from) => {
      list.append(...entries.slice(from, from + NESTED_AT_ONCE).map((entry) => causeItem(entry, true)));
      const rest = entries.length - from - NESTED_AT_ONCE;
      if (rest > 0) list.append(h("li", null, h("button", { class: "step", type: "button", onclick: (event) => { event.currentTarget.parentElement.remove(); add(from + NESTED_AT_ONCE); } }, `Show more of ${count(entries.length)}`)));
    };
    add(0);
    item.append(list);
  };
  head.addEventListener("click", () => show(head.getAttribute("aria-expanded") !== "true"));
  show(inside());
  return item;
}

// Distinct cases that match; where the page holds a part of a cause's findings, all of them while nothing is filtered.
function casesOf({ cause, found }) {
  return found.length === cause.found.length ? cause.count : new Set(found.map((number) => cause.found[number][0])).size;
}

function causeItem(entry, nested) {
  const { cause } = entry;
  const open = state.open === cause.id;
  const head = h("button", { class: "cause-head", type: "button", "aria-expanded": String(open), "data-cause": cause.id },
    h("span", { class: `tag is-${cause.keyword}` }, cause.keyword), h("span", { class: "what" }, nested ? h("code", null, cause.place || "–") : cause.summary),
    h("span", { class: "many" }, h("b", null, many(casesOf(entry), "case")), many(distinct([entry], 1), "operation")),
    h("span", { class: "where" }, [nested ? shortened(cause) : cause.rule, nested ? "" : cause.place, cause.spec && cause.spec[1] ? `openapi.yaml:${cause.spec[1]}` : ""].filter(Boolean).map((each) => h("code", null, each)), cause.since ? h("span", { class: "tag plain" }, cause.since) : null, Object.keys(cause.known).length ? h("span", { class: "tag plain" }, Object.keys(cause.known).length === cause.found.length ? "known" : "known in part") : null),
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

// What tells a cause from its neighbours of the same rule.
function shortened(cause) {
  const said = cause.found[0][2] || cause.found[0][3] || cause.summary;
  return said.length > 110 ? `${said.slice(0, 110)} …` : said;
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
