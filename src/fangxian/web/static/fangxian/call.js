// The call page: a "yes" suggests the stage, the bar leads to the next step, and what was tapped
// survives a reload, a closed browser and a flat battery.
//
// Kept in this browser for half a day, by task and try: which tiles were tapped, the form's own
// key (so that a form sent before and after a reload writes once) and when the call began. No
// name, no number and no note: notes are personal data and are kept on the server only.

const form = document.querySelector("[data-draft]");
const DEPTH = ["none", "unknown", "contacted", "trusting", "isolated", "paid"];
const KEPT_MS = 12 * 3600 * 1000;
const PREFIX = "fx-call-";

let byHand = false; // the stage was chosen by the officer, not suggested
let rang = false; // a number was shown, so the call has begun

// --- the draft -----------------------------------------------------------------------------------
function forget() {
  for (const key of Object.keys(localStorage).filter((k) => k.startsWith(PREFIX))) {
    const { at } = JSON.parse(localStorage.getItem(key));
    if (!(Date.now() - at < KEPT_MS)) localStorage.removeItem(key);
  }
}
function restore(kept) {
  ({ byHand, rang } = kept);
  for (const name of ["form_key", "started_at"]) if (kept[name]) form.elements[name].value = kept[name];
  for (const [name, value] of Object.entries(kept.tapped)) {
    if (form.elements[name] instanceof RadioNodeList) form.elements[name].value = value;
  }
}
function keep(key) {
  const radios = [...form.elements].filter((e) => e.type === "radio" && e.checked);
  localStorage.setItem(key, JSON.stringify({
    at: Date.now(),
    form_key: form.elements.form_key.value,
    started_at: form.elements.started_at.value,
    byHand, rang,
    tapped: Object.fromEntries(radios.map((e) => [e.name, e.value])),
  }));
}

// --- the stage -----------------------------------------------------------------------------------
const suggested = document.querySelector("[data-suggested]");
function suggest() {
  const implied = [...form.elements].filter((e) => e.dataset.implies && e.checked).map((e) => e.dataset.implies);
  const deepest = implied.sort((a, b) => DEPTH.indexOf(b) - DEPTH.indexOf(a))[0] || "unknown";
  const tile = [...form.elements.stage].find((e) => e.value === deepest);
  // What the officer chose by hand stays; the suggestion is only said.
  if (!byHand) tile.checked = true;
  suggested.textContent = implied.length ? suggested.dataset.suggested + tile.labels[0].textContent.trim() : "";
}
function showPaid() {
  document.querySelector("[data-if-paid]").hidden = form.elements.stage.value !== "paid";
}

// --- the next step -------------------------------------------------------------------------------
const next = document.querySelector("[data-next]");
const steps = [...document.querySelectorAll(".fx-step[id]")];
const strip = document.querySelector(".call-strip");
let shown = null;
function follow() {
  const bottom = innerHeight + scrollY >= document.documentElement.scrollHeight - 4;
  const reached = bottom ? steps : steps.filter((s) => s.getBoundingClientRect().top < 120);
  if (shown === reached.length) return;
  shown = reached.length;
  const to = steps[shown];
  next.hidden = !to;
  if (to) {
    next.href = `#${to.id}`;
    next.textContent = to.querySelector("h2").textContent;
  }
  for (const link of document.querySelectorAll(".call-strip a")) {
    const here = reached.length > 0 && link.hash === `#${reached.at(-1).id}`;
    if (here) link.setAttribute("aria-current", "step"); else link.removeAttribute("aria-current");
    if (here) strip.scrollLeft = link.offsetLeft - strip.clientWidth / 2;
  }
}

if (form) {
  const key = PREFIX + form.dataset.draft;
  forget();
  const kept = localStorage.getItem(key);
  if (kept) restore(JSON.parse(kept));
  showPaid();
  document.addEventListener("change", (event) => {
    if (event.target.form !== form) return;
    if (event.target.name === "stage") byHand = true;
    if (event.target.name.startsWith("q_")) suggest();
    showPaid();
    keep(key);
  });
  // The call begins when the number is shown, not when the page was opened.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (rang || !event.detail.elt.matches("[href^='tel:']")) return;
    rang = true;
    form.elements.started_at.value = new Date().toISOString();
    keep(key);
  });
  let sent = false;
  form.addEventListener("submit", () => { sent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && form.elements.notes.value.trim()) event.preventDefault();
  });
  // A phone stops the clock of a page that lies behind a call: ask at once when it is back.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.getElementById("claim-lost").dispatchEvent(new Event("again"));
  });
  addEventListener("scroll", follow, { passive: true });
  follow();
}
