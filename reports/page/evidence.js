// JSON as a reader wants it, from its own tokens: numbers, duplicate keys and cut ends stay as they were sent.
const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;
const MAX_LINES = 3000;

function tokenClass(token) {
  if (token[0] === '"') return "t-s";
  return /^[-\d]/.test(token) ? "t-n" : "t-l";
}

function unquoted(token) {
  try { return JSON.parse(token); } catch { return token.slice(1, -1); }
}

// Lines of tokens, and which of them show the place: {lines, first, last, exact}.
function prettyJson(text, pointer) {
  const lines = [];
  let line = { depth: 0, parts: [] };
  const stack = [];
  let best = { path: null, first: 0, last: 0 };
  let pendingKey = null;
  const path = () => stack.map((each) => "/" + String(each.array ? each.index : each.key).replace(/~/g, "~0").replace(/\//g, "~1")).join("");
  const flush = () => { if (line.parts.length) lines.push(line); line = { depth: Math.min(stack.length, 30), parts: [] }; };
  const open = () => {
    const at = path();
    if (pointer === at || pointer.startsWith(at + "/")) best = { path: at, first: lines.length, last: lines.length, depth: stack.length };
  };
  const close = () => { if (best.path === path() && best.path === pointer) best.last = lines.length; };
  for (const [token] of text.matchAll(TOKEN)) {
    if (lines.length > MAX_LINES) { line.parts.push(["t-l", " …"]); break; }
    const top = stack[stack.length - 1];
    if (token === "{" || token === "[") {
      open();
      line.parts.push(["", token]);
      stack.push({ array: token === "[", index: 0, key: "", wantsKey: token === "{", empty: true });
      flush();
    } else if (token === "}" || token === "]") {
      stack.pop();
      if (top && top.empty && lines.length) line = lines.pop();
      else { flush(); line.depth = Math.min(stack.length, 30); }
      line.parts.push(["", token]);
      close();
    } else if (token === ",") {
      line.parts.push(["", ","]);
      if (top) { top.index += 1; top.wantsKey = !top.array; }
      flush();
    } else if (token === ":") {
      line.parts.push(["", ": "]);
    } else if (top && top.wantsKey && token[0] === '"') {
      top.empty = false;
      top.wantsKey = false;
      top.key = unquoted(token);
      line.parts.push(["t-k", token]);
    } else {
      if (top) top.empty = false;
      open();
      line.parts.push([tokenClass(token), token]);
      close();
    }
    if (top && (token === "{" || token === "[")) top.empty = false;
  }
  flush();
  const exact = best.path === pointer;
  // The root itself, or what is missing in it: its first line is enough to show where.
  return { lines, first: best.first, last: exact && pointer ? Math.max(best.last, best.first) : best.first, exact, path: best.path };
}

function lineNode(line, hit) {
  return h("span", { class: hit ? "row-line hit" : "row-line" }, "  ".repeat(line.depth), line.parts.map(([kind, text]) => (kind ? h("span", { class: kind }, text) : text)));
}

// The lines with the place marked; what is far from it waits behind a button.
function jsonBox(text, pointer, label) {
  const shown = prettyJson(text, pointer || "");
  const marked = pointer !== null;
  const pre = h("pre", { tabindex: "0", role: "region", "aria-label": label });
  const hit = (index) => marked && index >= shown.first && index <= shown.last;
  const all = shown.lines.length <= 60;
  const from = all ? 0 : Math.max(0, (marked ? shown.first : 0) - 14);
  const to = all ? shown.lines.length : Math.min(shown.lines.length, from + 44);
  const nodes = (a, b) => shown.lines.slice(a, b).map((line, index) => lineNode(line, hit(a + index)));
  const more = (a, b) => {
    if (a >= b) return null;
    const button = h("button", { class: "more", type: "button" }, `… ${many(b - a, "line")}`);
    button.addEventListener("click", () => button.replaceWith(...nodes(a, b)));
    return button;
  };
  pre.append(...[more(0, from), ...nodes(from, to), more(to, shown.lines.length)].filter(Boolean));
  const box = h("div", { class: "code" }, copyButton(text), pre);
  return { box, exact: shown.exact, path: shown.path };
}

const looksJson = (text) => /^\s*[{[]/.test(text);

function headerList(headers, where) {
  const hit = (name) => where && where.toLowerCase() === name.toLowerCase();
  const open = headers.some(([name]) => hit(name));
  const rows = headers.map(([name, value]) => h("span", { class: hit(name) ? "row-line hit" : "row-line" }, h("span", { class: "t-k" }, name), ": ", value));
  return h("details", { class: "headers", open }, h("summary", null, many(headers.length, "header")), h("div", { class: "code" }, h("pre", { tabindex: "0", role: "region", "aria-label": "Headers" }, rows)));
}

function bodyBox(part, where, label) {
  if (part.body_base64 !== undefined) return [h("p", { class: "note" }, "The body is no UTF-8 text; in base64:"), codeBox(part.body_base64, label)];
  if (!part.body) return [h("p", { class: "note" }, "No body.")];
  const cut = part.cut ? h("p", { class: "note" }, "The page holds the beginning of this body; the record has more.") : part.truncated ? h("p", { class: "note" }, "The record holds the beginning of this body.") : null;
  if (!looksJson(part.body)) return [codeBox(part.body, label), cut];
  const pointer = where.startsWith("/") ? where : null;
  const { box, exact, path } = jsonBox(part.body, pointer, label);
  const near = pointer !== null && !exact ? h("p", { class: "note" }, `Nothing stands at ${pointer}; marked is ${path ? path : "the whole body"}, where it belongs.`) : null;
  return [box, near, cut];
}

function timeline(exchange) {
  const marks = new Map();
  for (const mark of exchange.marks) marks.set(mark.n, [...(marks.get(mark.n) || []), mark]);
  let next = 1;
  const rows = exchange.rows.flatMap(([first, last, begin, end, label, said]) => {
    const folded = last > first;
    const told = marks.get(first) || [];
    const say = said.length > 160 ? h("details", { class: "say" }, h("summary", null, said.slice(0, 160) + " …"), said) : h("span", { class: "say" }, said);
    const row = h("li", { class: told.length ? "tick hit" : "tick" },
      h("span", { class: "at" }, seconds(begin)), h("span", { class: "n" }, folded ? `${first}–${last}` : `${first}`),
      h("span", { class: "label" }, folded ? `${label} × ${last - first + 1}` : label), say);
    for (const mark of told) {
      row.append(h("span", { class: "why" }, h("b", { class: `is-${mark.keyword}` }, mark.rule), ` ${mark.summary}`, mark.allowed.length ? h("span", { class: "soft" }, ` Allowed here: ${mark.allowed.join(", ")}.`) : null));
    }
    const gap = first > next ? h("li", { class: "tick" }, h("span", { class: "at" }), h("span", { class: "n" }, "…"), h("span", { class: "label soft" }, `${many(first - next, "event")} left out`)) : null;
    next = last + 1;
    return gap ? [gap, row] : [row];
  });
  const texts = Object.entries(exchange.texts).map(([part, text]) => h("details", { class: "fold", open: Object.keys(exchange.texts).length === 1 }, h("summary", null, `${part} (${many(text.length, "character")})`), codeBox(text, `Text of ${part}`)));
  return [
    h("h3", null, `The stream, ${many(exchange.total, "event")}${exchange.partial ? ", of which a selection is kept" : ""}`),
    h("ol", { class: "timeline", tabindex: "0", "aria-label": "Events of the stream" }, rows),
    texts.length ? h("h3", null, exchange.gaps ? "What the deltas shown here add up to" : "What the deltas add up to") : null, ...texts,
  ];
}
