// Figures: where a course of days or batches was drawn by the server, one that can be read off point by point.
// The page is whole without this file; the drawing is only replaced once its values have come.
(() => {
  "use strict";
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dashes = [[], [6, 4], [2, 4], [6, 4]];

  function series(points, shown, placeWord) {
    const isBars = points.look === "bars";
    const first = {
      label: points.unit,
      stroke: color("--plan"),
      width: 1.5,
      fill: isBars ? color("--plan") : undefined,
      paths: isBars ? uPlot.paths.bars({ size: [0.7, 60] }) : undefined,
      points: { show: !isBars, size: 6 },
      value: (_, value) => (value === null ? "" : String(value)),
    };
    return [
      { label: placeWord, value: (_, place) => (place === null ? "" : points.names[place]) },
      first,
      ...shown.map((level, place) => ({
        label: level.name,
        stroke: color("--muted"),
        width: 1,
        dash: dashes[place + 1],
        points: { show: false },
      })),
    ];
  }

  // Bars stand on zero; points have some air above and below, also where all are alike.
  function heights(isBars, low, high) {
    if (isBars) return [Math.min(0, low), high > 0 ? high * 1.05 : 1];
    const air = (high - low) * 0.1 || 1;
    return [low - air, high + air];
  }

  // Batches that are not like the others: a square around the point, and a word in the legend.
  const signal = () => ({
    label: "signal",
    stroke: color("--red"),
    paths: () => null,
    points: { show: true, size: 14, width: 2, fill: "transparent" },
    value: (_, value) => (value === null ? "" : String(value)),
  });

  function live(figure, points) {
    const places = points.names.map((_, place) => place);
    const values = points.values.map((value) => (value === null ? null : Number(value)));
    const levels = points.levels.map((level) => places.map(() => Number(level.value)));
    const marked = new Set(points.signals);
    const signals = marked.size ? [places.map((place) => (marked.has(place) ? values[place] : null))] : [];
    const drawn = figure.querySelector(".drawn");
    const axis = { stroke: color("--muted"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false } };
    const options = {
      width: drawn.clientWidth,
      height: 250,
      scales: {
        x: { time: false, range: (_, low, high) => [low - 0.5, high + 0.5] },
        y: { range: (_, low, high) => heights(points.look === "bars", low, high) },
      },
      cursor: { drag: { x: false, y: false } },
      legend: { markers: { show: points.levels.length > 0 || points.signals.length > 0 } },
      axes: [
        { ...axis, grid: { show: false }, values: (_, splits) => splits.map((place) => points.names[place] ?? "") },
        axis,
      ],
      series: [...series(points, points.levels, figure.dataset.place), ...signals.map(signal)],
    };
    drawn.replaceChildren();
    const plot = new uPlot(options, [places, values, ...levels, ...signals], drawn);
    plot.root.setAttribute("role", "img");
    plot.root.setAttribute("aria-label", points.title);
    return plot;
  }

  async function enliven(figure) {
    const answer = await fetch(figure.dataset.points, { credentials: "same-origin" });
    if (!answer.ok) return;
    const points = await answer.json();
    if (!points.names.length) return;
    const drawn = figure.querySelector(".drawn");
    let plot = live(figure, points);
    new ResizeObserver(() => plot.setSize({ width: drawn.clientWidth, height: 250 })).observe(drawn);
    // Colours are read when it is drawn, so another theme draws it anew.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      plot.destroy();
      plot = live(figure, points);
    });
  }

  if (window.uPlot) document.querySelectorAll("figure[data-points]").forEach((figure) => enliven(figure));
})();
