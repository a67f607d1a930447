// The server's time. A phone whose own clock is minutes wrong must not show a red call as late, or
// as in time. Counted from what the page says of itself, at the moment its answer began to arrive.

function offset() {
  const said = Number(document.querySelector("meta[name=fx-now]")?.content);
  const arrival = performance.getEntriesByType("navigation")[0];
  // A page out of the browser's own store says when it was made, not what time it is.
  const fresh = said && arrival && arrival.type !== "back_forward" && arrival.responseStart > 0;
  if (!fresh) return Number(sessionStorage.getItem("fx-offset")) || 0;
  const here = Date.now() - (performance.now() - arrival.responseStart);
  sessionStorage.setItem("fx-offset", String(said - here));
  return said - here;
}
const ahead = offset();

// Milliseconds since 1970, as the server counts them.
export function now() {
  return Date.now() + ahead;
}
