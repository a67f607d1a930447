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

// --- the clock on the wall ----------------------------------------------------------------------
const wallClock = document.querySelector("[data-now]");
if (wallClock) {
  const language = document.documentElement.lang === "en" ? "en-GB" : "zh-CN";
  const format = new Intl.DateTimeFormat(language, {
    weekday: "long", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit",
    hour12: false, timeZone: "Asia/Shanghai",
  });
  const show = () => { wallClock.textContent = format.format(new Date(now())); };
  show();
  setInterval(show, 1000);
}
