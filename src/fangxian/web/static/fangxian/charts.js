// Draws <figure data-chart="id"> from the ECharts option in <script type="application/json" id="id">.
// ECharts comes as a classic script; it is loaded only on pages with a chart.

function echarts() {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("../vendor/echarts.min.js", import.meta.url);
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
}

export async function drawAll() {
  const library = await echarts();
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const figure of document.querySelectorAll("[data-chart]")) {
    const option = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    // richText: HTML tooltips would need inline styles, which our policy forbids.
    if (option.tooltip) option.tooltip.renderMode = "richText";
    const chart = library.init(figure.querySelector("[data-canvas]"), null, { renderer: "svg" });
    chart.setOption({ animation: !calm, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, ...option });
    new ResizeObserver(() => chart.resize()).observe(figure);
  }
}
