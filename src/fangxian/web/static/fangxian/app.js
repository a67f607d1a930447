// Behaviour of every page: clocks, dialogs, forms that are sent once, reading aloud, alerts.
// Everything works without it; it only makes it quicker.

import { now as serverNow } from "./now.js";

const english = document.documentElement.lang === "en";

// --- countdowns: exact to a second -----------------------------------------------------------
function left(seconds) {
  const late = seconds < 0;
  const s = Math.abs(Math.round(seconds));
  const h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60);
  const two = (n) => String(n).padStart(2, "0");
  const text = s >= 86400
    ? (english ? `${Math.floor(s / 86400)} d` : `${Math.floor(s / 86400)} 天`)
    : h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  if (english) return late ? `${text} late` : `${text} left`;
  return late ? `超时 ${text}` : `还有 ${text}`;
}
function tick() {
  const now = serverNow();
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const seconds = (Date.parse(clock.dateTime) - now) / 1000;
    const text = left(seconds);
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle("fx-late", seconds < 0);
  }
  for (const timer of document.querySelectorAll("[data-since]")) {
    const s = Math.max(0, Math.round((now - Date.parse(timer.dataset.since)) / 1000));
    timer.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  }
}
tick();
setInterval(tick, 1000);

// --- dialogs, printing, copying ---------------------------------------------------------------
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) window.print();
  const copier = event.target.closest("[data-copy]");
  if (copier) copy(copier);
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
// Says so on the button itself, for eyes and ears; says nothing when it did not work.
async function copy(button) {
  if (button.dataset.label) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.dataset.label = button.textContent;
  button.setAttribute("aria-live", "polite");
  button.textContent = english ? "Copied" : "已复制";
  setTimeout(() => {
    button.textContent = button.dataset.label;
    delete button.dataset.label;
  }, 2000);
}

// --- a form is sent once ---------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});
// Coming back with the browser's button: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// --- selects that act at once ------------------------------------------------------------------
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// --- reading aloud -----------------------------------------------------------------------------
for (const button of document.querySelectorAll("[data-read-aloud]")) {
  if (!("speechSynthesis" in window)) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const pressed = (is) => button.setAttribute("aria-pressed", String(is));
    if (speechSynthesis.speaking) { speechSynthesis.cancel(); pressed(false); return; }
    const said = new SpeechSynthesisUtterance(document.querySelector(button.dataset.readAloud).innerText);
    said.lang = english ? "en" : "zh-CN";
    said.rate = 0.85;
    said.onend = said.onerror = () => pressed(false);
    speechSynthesis.speak(said);
    pressed(true);
  });
}

// --- alerts of the duty desk: title count always, sound after somebody asked for it -------------
// <div data-alerts="3" data-newest="17"> inside a live fragment: how many burn, and the newest one.
const plainTitle = document.title;
let newest = null, audio = null;
// A browser lets no page ring that nobody has touched since it was loaded; until then the button
// says "off", which is the truth, and the first touch anywhere on the page switches it on.
const wanted = () => localStorage.getItem("fx-sound") === "on";
const rings = () => wanted() && audio?.state === "running";
async function wake() {
  audio ??= new AudioContext();
  await audio.resume();
  soundButtons();
}
function beep() {
  const tone = audio.createOscillator(), volume = audio.createGain();
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.2, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.6);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.6);
}
function alerts() {
  const source = document.querySelector("[data-alerts]");
  if (!source) return;
  const count = Number(source.dataset.alerts);
  document.title = count ? `(${count}) ${plainTitle}` : plainTitle;
  const latest = Number(source.dataset.newest || 0);
  if (newest !== null && latest > newest && rings()) beep();
  newest = Math.max(newest ?? 0, latest);
}
function soundButtons() {
  for (const button of document.querySelectorAll("[data-sound]")) {
    button.setAttribute("aria-pressed", String(Boolean(rings())));
  }
}
document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-sound]")) {
    localStorage.setItem("fx-sound", rings() ? "off" : "on");
    if (!wanted()) { soundButtons(); return; }
    await wake();
    beep();
  } else if (wanted() && !rings()) {
    await wake();
  }
});
document.addEventListener("keydown", (event) => {
  if (wanted() && !rings() && !event.target.closest("[data-sound]")) wake();
});
document.addEventListener("htmx:afterSettle", () => { tick(); alerts(); soundButtons(); });
alerts();
soundButtons();

// --- charts, only where there are any ------------------------------------------------------------
if (document.querySelector("[data-chart]")) import("./charts.js").then((charts) => charts.drawAll());
