// Small helpers of the drawings: an element of SVG, and a scale with an axis.
const svg = document.getElementById("stage");
function add(kind, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  if (text !== undefined) element.textContent = text;
  svg.appendChild(element);
  return element;
}
function set(element, attributes) {
  for (const name in attributes) element.setAttribute(name, attributes[name]);
}
function scale([low, high], [start, end]) {
  return (value) => start + (value - low) / (high - low) * (end - start);
}
function ticks([low, high]) {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const found = [];
  for (let t = Math.ceil(low / step) * step; t <= high; t += step) found.push(+t.toFixed(9));
  return found;
}
// A frame with numbers: gives the two scales of its panel.
function panel({x, y, width, height, xRange, yRange, xName, yName, yTicks}) {
  const X = scale(xRange, [x, x + width]), Y = scale(yRange, [y + height, y]);
  add("rect", {x, y, width, height, fill: "none", stroke: "#222"});
  for (const tick of ticks(xRange)) {
    add("line", {x1: X(tick), x2: X(tick), y1: y + height, y2: y + height + 5, stroke: "#222"});
    add("text", {x: X(tick), y: y + height + 18, "text-anchor": "middle"}, tick);
  }
  for (const [tick, label] of yTicks || ticks(yRange).map((tick) => [tick, tick])) {
    add("line", {x1: x - 5, x2: x, y1: Y(tick), y2: Y(tick), stroke: "#222"});
    add("text", {x: x - 8, y: Y(tick) + 4, "text-anchor": "end"}, label);
  }
  add("text", {x: x + width / 2, y: y + height + 36, "text-anchor": "middle"}, xName);
  const middle = `${x - 44} ${y + height / 2}`;
  add("text", {transform: `translate(${middle}) rotate(-90)`, "text-anchor": "middle"}, yName);
  return [X, Y];
}
function curveOf(points) { return points.map((point) => point.join()).join(" "); }
