// Layers that learn: resonances of the last layer on their way, and accuracies.
const {names, lines, polarities, passes, resonances, trained, tested} = data;
const nMoments = passes.length, rate = 3, blue = "#0072B2", orange = "#D55E00", grey = "#999999";
const all = resonances.flat(2), width = Math.max(...all) - Math.min(...all);
const span = [Math.min(...all) - 0.02 * width, Math.max(...all) + 0.02 * width];
const chains = names.map((name, i) => [i, name]);
const [X, row] = panel({x: 110, y: 60, width: 500, height: 400, xRange: span,
  yRange: [names.length - 0.5, -0.5], xName: "resonance (MHz)", yName: "", yTicks: chains});
const lowest = Math.min(...trained, ...tested);
const [curveX, curveY] = panel({x: 710, y: 60, width: 280, height: 400,
  xRange: [-0.5, trained.length - 0.5], yRange: [lowest - 3, 103],
  xName: "passes over the training data", yName: "samples right (%)"});
for (const line of lines)
  add("line", {x1: X(line), x2: X(line), y1: 60, y2: 460, stroke: grey, opacity: 0.6});
const marks = resonances[0].map((chain, i) => chain.map((frequency, k) => {
  const place = {y1: row(i), y2: row(i), stroke: "black"}, x = X(frequency);
  add("line", {x1: x, x2: x, y1: row(i) - 6, y2: row(i) + 6, stroke: "black"});
  return [add("line", {x1: x, ...place}), add("circle", {cy: row(i), r: 5, stroke: "black",
    "stroke-width": 0.5, fill: polarities[i][k] > 0 ? blue : orange})];
}));
[["line", grey, 120], ["as made", "black", 200]].forEach(([label, stroke, x]) => {
  add("line", {x1: x - 10, x2: x - 10, y1: 34, y2: 48, stroke});
  add("text", {x, y: 46}, label);
});
[["polarity +", blue, 310], ["polarity −", orange, 420]].forEach(([label, fill, x]) => {
  add("circle", {cx: x - 12, cy: 41, r: 5, fill, stroke: "black", "stroke-width": 0.5});
  add("text", {x, y: 46}, label);
});
const curves = [[trained, grey, "training", 740], [tested, blue, "new data", 860]]
  .filter(([values]) => values.length).map(([values, stroke, label, x]) => {
    add("line", {x1: x - 26, x2: x - 6, y1: 41, y2: 41, stroke, "stroke-width": 2});
    add("text", {x, y: 46}, label);
    return [values, add("polyline", {fill: "none", stroke, "stroke-width": 2})];
  });
document.getElementById("caption").textContent = "The last layer: each dot is the resonance of " +
  "a spin diode, beside the grey line that it weighs; black shows how far it has moved.";

function show(time) {
  const step = Math.floor(time), next = Math.min(step + 1, nMoments - 1), share = time - step;
  marks.forEach((chain, i) => chain.forEach(([way, dot], k) => {
    const start = resonances[step][i][k];
    const x = X(start + share * (resonances[next][i][k] - start));
    set(way, {x2: x});
    set(dot, {cx: x});
  }));
  const done = passes[step];
  for (const [values, line] of curves)
    set(line, {points: curveOf(values.slice(0, done + 1).map((y, x) => [curveX(x), curveY(y)]))});
  const shown = curves.map(([values, , ], i) => `${values[done].toFixed(1)} % of the ` +
    (i ? "new data" : "training data")).join(", ");
  document.getElementById("words").textContent =
    `After ${done} of ${trained.length - 1} passes: ${shown} right`;
}
