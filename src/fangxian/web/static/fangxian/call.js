// The call page: a "yes" suggests the stage, and what was tapped survives a reload.
// Notes are personal data: they are never kept in the browser.

const form = document.querySelector("[data-draft]");
const DEPTH = ["none", "unknown", "contacted", "trusting", "isolated", "paid"];

function suggest() {
  const implied = [...form.querySelectorAll("[data-implies]:checked")].map((i) => i.dataset.implies);
  const deepest = implied.sort((a, b) => DEPTH.indexOf(b) - DEPTH.indexOf(a))[0];
  const tile = deepest && form.querySelector(`[name=stage][value=${deepest}]`);
  // What the officer chose by hand stays.
  if (tile && !form.dataset.stageByHand) tile.checked = true;
}

if (form) {
  const key = `fx-draft-${form.dataset.draft}`;
  const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
  for (const [name, value] of Object.entries(kept)) {
    const input = [...form.elements].find((e) => e.name === name && e.value === value);
    if (input && input.type === "radio") input.checked = true;
    if (name === "form_key" || name === "started_at") form.elements[name].value = value;
  }
  form.addEventListener("change", (event) => {
    if (event.target.name === "stage") form.dataset.stageByHand = "1";
    if (event.target.matches("[data-implies]")) suggest();
    const draft = { form_key: form.elements.form_key.value, started_at: form.elements.started_at.value };
    for (const input of form.querySelectorAll("input[type=radio]:checked")) draft[input.name] = input.value;
    sessionStorage.setItem(key, JSON.stringify(draft));
  });
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.matches("[data-stays]")) sessionStorage.removeItem(key);
  });
}
