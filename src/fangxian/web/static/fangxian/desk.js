// Live lists (my work, board, wall): what a swap must not lose, and what to say when one fails.

import { now } from "./now.js";

// --- a details that somebody opened stays open when its list is renewed -----------------------
let opened = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  opened = [...event.detail.target.querySelectorAll("details[open][id]")].map((d) => d.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});

// --- a list that is no longer live says so ------------------------------------------------------
function offline(is) {
  for (const notice of document.querySelectorAll("[data-offline]")) notice.hidden = !is;
}
document.addEventListener("htmx:sendError", () => offline(true));
document.addEventListener("htmx:timeout", () => offline(true));
document.addEventListener("htmx:responseError", () => offline(true));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) offline(false);
});

// --- a desk that nobody touches is signed out: it says so a minute before, aloud -----------------
const idle = document.querySelector("[data-idle]");
const LAST_SECONDS = 60;
let endsAt = null;
document.addEventListener("htmx:afterRequest", (event) => {
  const said = event.detail.xhr?.getResponseHeader("Fangxian-Signed-In-For");
  if (!idle || !said) return;
  const [left, why] = said.split(" ");
  endsAt = Date.now() + 1000 * Number(left);
  for (const part of idle.querySelectorAll("[data-idle-says]")) part.hidden = part.dataset.idleSays !== why;
  warn();
});
document.addEventListener("submit", (event) => {
  // The next answer says how long it is now.
  if (idle?.contains(event.target)) { endsAt = null; idle.hidden = true; }
});
function warn() {
  if (endsAt === null) return;
  const left = Math.max(0, Math.round((endsAt - Date.now()) / 1000));
  if (idle.hidden && left <= LAST_SECONDS) ring();
  idle.hidden = left > LAST_SECONDS;
  for (const shown of idle.querySelectorAll("[data-idle-left]")) shown.textContent = String(left);
}
if (idle) setInterval(warn, 1000);
// Two low tones, unlike those of a new warning; only where somebody asked for sound.
let audio = null;
function ring() {
  if (localStorage.getItem("fx-sound") !== "on") return;
  audio ??= new AudioContext();
  for (const start of [0, 0.4]) {
    const tone = audio.createOscillator(), at = audio.currentTime + start;
    tone.frequency.value = 440;
    tone.connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  }
}

// --- groups of the board: on a phone only what burns is open ---------------------------------------
const phone = matchMedia("(max-width: 640px)");
const folds = JSON.parse(sessionStorage.getItem("fx-folds") ?? "{}");
function fold() {
  for (const button of document.querySelectorAll("[data-fold]")) {
    const key = button.dataset.fold;
    const open = folds[key] ?? (!phone.matches || key === "burning" || key === "soon");
    button.setAttribute("aria-expanded", String(open));
    button.closest("tbody").classList.toggle("board-folded", !open);
  }
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fold]");
  if (!button) return;
  folds[button.dataset.fold] = button.getAttribute("aria-expanded") !== "true";
  sessionStorage.setItem("fx-folds", JSON.stringify(folds));
  fold();
});
document.addEventListener("htmx:afterSwap", fold);
phone.addEventListener("change", fold);
fold();

// --- the clock on the wall ----------------------------------------------------------------------
const wallClock = document.querySelector("[data-now]");
if (wallClock) {
  const language = document.documentElement.lang === "en" ? "en-US" : "zh-CN";
  const format = new Intl.DateTimeFormat(language, {
    weekday: "short", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
    hourCycle: "h23", timeZone: "Asia/Shanghai",
  });
  const show = () => { wallClock.textContent = format.format(new Date(now())); };
  show();
  setInterval(show, 1000);
}
