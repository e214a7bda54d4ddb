// Oscillators that learn: tokens, sources, locking, currents, map and learning curve.
const {names, numbers, natural, currents, sources, locked, answers, curve} = data;
const nOscillators = natural[0].length, perStep = names.length + 1;
const nMoments = numbers.length * perStep, rate = 5;
const sourceColors = ["#0072B2", "#D55E00"], still = "#999999";
const all = [...natural.flat(), ...data.limits];
const span = [Math.min(...all) - 2, Math.max(...all) + 2];

const rows = [...natural[0].keys()];
const [X, row] = panel({x: 60, y: 20, width: 380, height: 220, xRange: span,
  yRange: [nOscillators - 0.4, -1], xName: "frequency (MHz)", yName: "oscillator",
  yTicks: rows.map((i) => [i, i + 1])});
const mapSide = 400, [mapX, mapY] = panel({x: 590, y: 60, width: mapSide, height: mapSide,
  xRange: data.limits, yRange: data.limits, xName: "source A (MHz)", yName: "source B (MHz)"});
const low = Math.min(...curve), high = Math.max(...curve), margin = 0.08 * (high - low) || 1;
const [curveX, curveY] = panel({x: 60, y: 330, width: 380, height: 170,
  xRange: [-1, curve.length], yRange: [low - margin, high + margin],
  xName: "presentations of one token of each class", yName: "training tokens right (%)"});

for (const i of rows)
  add("line", {x1: X(span[0]), x2: X(span[1]), y1: row(i), y2: row(i), stroke: still,
    "stroke-width": 0.5});
const verticals = sourceColors.map((stroke) => add("line",
  {y1: 20, y2: 240, stroke, "stroke-width": 2, "stroke-dasharray": "6 4"}));
const letters = sourceColors.map((fill, i) => add("text",
  {y: 36, style: `fill: ${fill}; font-weight: bold`, "text-anchor": "middle"}, "AB"[i]));
const locks = rows.map((i) => add("line",
  {y1: row(i), y2: row(i), "stroke-width": 8, opacity: 0.6}));
const arrows = rows.map((i) => add("line",
  {y1: row(i), y2: row(i), stroke: "black", "stroke-width": 3}));
const dots = rows.map((i) => add("circle", {cy: row(i), r: 8, stroke: "black"}));
const diamonds = rows.map((i) => add("path", {fill: "none", stroke: "black", "stroke-width": 2,
  d: `M0-12L12 0 0 12-12 0Z`, visibility: "hidden",
  transform: `translate(${X(data.keptNatural[i])} ${row(i)})`}));
const amounts = rows.map((i) => add("text", {x: 448, y: row(i) - 1}));
const changes = rows.map((i) => add("text", {x: 448, y: row(i) + 14}));

const map = add("image", {x: 590, y: 60, width: mapSide, height: mapSide,
  preserveAspectRatio: "none", style: "image-rendering: pixelated"});
for (const [a, b, code] of data.tokens)
  add("path", {d: data.marks[code], fill: data.colors[code], stroke: "black",
    "stroke-width": 0.5, transform: `translate(${mapX(a)} ${mapY(b)}) scale(3.2)`,
    "vector-effect": "non-scaling-stroke"});
names.forEach((name, code) => {
  const x = 596 + code % 8 * mapSide / 8, y = 48 - 20 * Math.floor(code / 8);
  add("path", {d: data.marks[code], fill: data.colors[code], stroke: "black",
    "stroke-width": 0.2, transform: `translate(${x} ${y}) scale(5)`});
  add("text", {x: x + 9, y: y + 4}, name);
});
const cross = add("path", {d: "M-3-10H3V-3H10V3H3V10H-3V3H-10V-3H-3Z", fill: "white",
  stroke: "black", "stroke-width": 2});

const path = add("polyline", {fill: "none", stroke: "#0072B2", "stroke-width": 2});
const head = add("circle", {r: 5, fill: "#0072B2"});
const best = add("path", {d: "M0-9L9 0 0 9-9 0Z", fill: "none", stroke: "black",
  "stroke-width": 2, transform: `translate(${curveX(data.kept)} ${curveY(curve[data.kept])})`});

const caption = "Dots: natural frequencies of the oscillators. Dashed: sources A and B during " +
  "the token. Thick line: locked to this source. Map: a colour is a class, white a pattern " +
  "that means no class by itself, and the cross is the token.";

function show(time) {
  const moment = Math.floor(time), step = Math.floor(moment / perStep), number = numbers[step];
  const token = moment % perStep, isLast = step === numbers.length - 1;
  const tuning = token === names.length, ended = tuning && isLast;
  const share = tuning && !isLast ? Math.min(2 * (time - moment), 1) : 0;
  const next = Math.min(step + 1, numbers.length - 1);
  let words = `Presentation ${number} of ${curve.length - 1}: `, color = "#222";
  if (ended) words += "learning has ended";
  else if (tuning) words += "the currents are tuned";
  else {
    const right = answers[step][token] === token;
    words += `token '${names[token]}', answer '${names[answers[step][token]]}' (` +
      (right ? "right)" : "wrong)");
    color = right ? "#00654A" : "#A03C00";
  }
  const said = document.getElementById("words");
  said.textContent = words;
  said.style.color = color;
  document.getElementById("caption").textContent = ended ? data.ending : caption;
  for (const i of rows) {
    const source = tuning ? -1 : locked[step][token][i], start = natural[step][i];
    const now = start + share * (natural[next][i] - start);
    const current = currents[step][i] + share * (currents[next][i] - currents[step][i]);
    const change = 1000 * (currents[next][i] - currents[step][i]);
    set(dots[i], {cx: X(now), fill: source < 0 ? still : sourceColors[source]});
    set(arrows[i], {x1: X(start), x2: X(now)});
    set(locks[i], {x1: X(start), x2: X(source < 0 ? start : sources[step][token][source]),
      stroke: source < 0 ? "none" : sourceColors[source]});
    amounts[i].textContent = `${current.toFixed(3)} mA`;
    changes[i].textContent = tuning && !ended && Math.abs(change) >= 0.5 ?
      `${change > 0 ? "+" : "−"}${Math.abs(change).toFixed(0)} µA` : "";
    set(diamonds[i], {visibility: ended ? "visible" : "hidden"});
  }
  const visibility = tuning ? "hidden" : "visible";
  const told = sources[step][tuning ? 0 : token];
  told.forEach((frequency, i) => {
    set(verticals[i], {x1: X(frequency), x2: X(frequency), visibility});
    set(letters[i], {x: X(frequency), visibility});
  });
  set(cross, {transform: `translate(${mapX(told[0])} ${mapY(told[1])})`, visibility});
  if (map.getAttribute("href") !== data.maps[step]) set(map, {href: data.maps[step]});
  set(path, {points: curveOf(curve.slice(0, number + 1).map((y, x) => [curveX(x), curveY(y)]))});
  set(head, {cx: curveX(number), cy: curveY(curve[number])});
  set(best, {visibility: ended ? "visible" : "hidden"});
}
