// ---- The model and the sequences that the page holds ----

const DATA = JSON.parse(document.getElementById('data').textContent);

// From base64 of int8, float32 or float64, little-endian, to float64
function decode(encoded) {
  const text = atob(encoded.data), bytes = new Uint8Array(text.length);
  for (let j = 0; j < text.length; j++) bytes[j] = text.charCodeAt(j);
  const view = new DataView(bytes.buffer), width = { i1: 1, f4: 4, f8: 8 }[encoded.type];
  const numbers = new Float64Array(bytes.length / width);
  for (let j = 0; j < numbers.length; j++) {
    numbers[j] = width === 1 ? view.getInt8(j) : width === 4 ? view.getFloat32(j * 4, true) : view.getFloat64(j * 8, true);
  }
  return numbers;
}

const net = { ...DATA, weights: {} };
for (const name in DATA.weights) net.weights[name] = decode(DATA.weights[name]);
const cell = CELLS[net.cell];
const scaling = {
  inputOffset: decode(DATA.inputOffset),
  inputScale: decode(DATA.inputScale),
  outputOffset: decode(DATA.outputOffset),
  outputScale: decode(DATA.outputScale),
};
const allX = decode(DATA.x); // sequences x T x I, in the data's units
const allTargets = DATA.target ? decode(DATA.target) : null; // sequences x K x O
const original = { x: allX.slice(), weights: {} };
for (const name in net.weights) original.weights[name] = net.weights[name].slice();

const forecastOf = (channel, y) => scaling.outputOffset[channel] + scaling.outputScale[channel] * LOSSES[net.loss].mean(y);

// What the page is looking at, and all that the network computes there
const app = { sequence: 0, layer: net.layers - 1, step: 0, unit: 0, feature: 0, output: 0, order: 'index', log: net.outputSteps < net.steps, ownRange: false, all: false };

const sequenceX = () => allX.subarray(app.sequence * net.steps * net.inputs, (app.sequence + 1) * net.steps * net.inputs);

// The state that the sequence begins with: of every layer
function startState() {
  const start = {};
  for (const name of cell.states) {
    const all = decode(DATA[name + '0']);
    start[name] = Array.from({ length: net.layers }, (_, l) => {
      const from = (l * net.shown + app.sequence) * net.hidden;
      return all.slice(from, from + net.hidden);
    });
  }
  return start;
}

function scaledX() {
  return sequenceX().map((v, j) => (v - scaling.inputOffset[j % net.inputs]) / scaling.inputScale[j % net.inputs]);
}

function scaledTargets() {
  if (!allTargets) return null;
  const n = net.outputSteps * net.outputs;
  return allTargets
    .slice(app.sequence * n, (app.sequence + 1) * n)
    .map((v, j) => (v - scaling.outputOffset[j % net.outputs]) / scaling.outputScale[j % net.outputs]);
}

// Forward and backward, from the weights and inputs as they are now
function compute() {
  app.start = startState();
  app.x = scaledX();
  app.targets = scaledTargets();
  app.run = forward(net, app.x, app.start, null);
  app.loss = null;
  app.grad = null;
  if (app.targets) {
    const { loss, dy } = lossAndSlope(net, app.run.y, app.targets);
    app.loss = loss * net.batch; // of this sequence
    app.grad = backward(net, app.run, dy, true);
  }
  sortUnits();
}

// The loss (this sequence's share) after a nudge of one quantity
const nudgedLoss = (nudge) => (by) => lossAndSlope(net, forward(net, app.x, app.start, { ...nudge, by }).y, app.targets).loss;

// The units of the layer in the order of the rows
function sortUnits() {
  const layer = app.run.layers[app.layer];
  app.memory = memory(net, layer);
  app.activity = activity(net, layer);
  const by = { index: null, memory: app.memory, activity: app.activity }[app.order];
  app.units = Array.from({ length: net.hidden }, (_, j) => j);
  if (by) app.units.sort((a, b) => by[b] - by[a] || a - b);
  app.rowOf = [];
  app.units.forEach((unit, row) => (app.rowOf[unit] = row));
}

// ---- Quantities: value and gradient of each, at a step and a unit of the layer at hand ----

const QUANTITIES = {};

function quantity(key, label, scale, value, gradient) {
  QUANTITIES[key] = {
    key,
    label,
    scale,
    value: (t, j) => value(app.run.layers[app.layer], t, j),
    gradient: (t, j) => gradient(app.grad.layers[app.layer], app.run.layers[app.layer], t, j),
  };
}

function defineQuantities() {
  const H = net.hidden, rows = cell.gates.length * H;
  const at = (gate, t, j) => t * rows + cell.gates.indexOf(gate) * H + j;
  const gate = (L, name, t, j) => L.gates[at(name, t, j)];
  if (net.cell === 'lstm') {
    const names = { i: 'input gate', f: 'forget gate', g: 'candidate', o: 'output gate' };
    const gradients = {
      i: (D, L, t, j) => D.dc[(t + 1) * H + j] * gate(L, 'g', t, j),
      f: (D, L, t, j) => D.dc[(t + 1) * H + j] * L.c[t * H + j],
      g: (D, L, t, j) => D.dc[(t + 1) * H + j] * gate(L, 'i', t, j),
      o: (D, L, t, j) => D.dh[(t + 1) * H + j] * L.tanhC[t * H + j],
    };
    for (const k of cell.gates) quantity(k, k + ', ' + names[k], k === 'g' ? 'signed' : 'gate', (L, t, j) => gate(L, k, t, j), gradients[k]);
    quantity('c', 'c, cell state', 'signed', (L, t, j) => L.c[(t + 1) * H + j], (D, L, t, j) => D.dc[(t + 1) * H + j]);
    quantity('tanh_c', 'tanh(c)', 'signed', (L, t, j) => L.tanhC[t * H + j], (D, L, t, j) => D.dh[(t + 1) * H + j] * gate(L, 'o', t, j));
    quantity('h', 'h, hidden state', 'signed', (L, t, j) => L.h[(t + 1) * H + j], (D, L, t, j) => D.dh[(t + 1) * H + j]);
    for (const k of cell.gates) quantity('z_' + k, 'z_' + k + ', pre-activation', 'signed', (L, t, j) => L.z[at(k, t, j)], (D, L, t, j) => D.da[at(k, t, j)]);
  } else {
    const names = { r: 'reset gate', z: 'update gate', n: 'candidate' };
    const gradients = {
      r: (D, L, t, j) => D.da[at('n', t, j)] * L.q[at('n', t, j)],
      z: (D, L, t, j) => D.dh[(t + 1) * H + j] * (L.h[t * H + j] - gate(L, 'n', t, j)),
      n: (D, L, t, j) => D.dh[(t + 1) * H + j] * (1 - gate(L, 'z', t, j)),
    };
    for (const k of cell.gates) quantity(k, k + ', ' + names[k], k === 'n' ? 'signed' : 'gate', (L, t, j) => gate(L, k, t, j), gradients[k]);
    quantity('h', 'h, hidden state', 'signed', (L, t, j) => L.h[(t + 1) * H + j], (D, L, t, j) => D.dh[(t + 1) * H + j]);
    for (const k of cell.gates) quantity('a_' + k, 'a_' + k + ', from the input', 'signed', (L, t, j) => L.a[at(k, t, j)], (D, L, t, j) => D.da[at(k, t, j)]);
    for (const k of cell.gates) quantity('q_' + k, 'q_' + k + ', from h of the last step', 'signed', (L, t, j) => L.q[at(k, t, j)], (D, L, t, j) => D.dq[at(k, t, j)]);
  }
}

const USUAL = { lstm: ['i', 'f', 'g', 'o', 'c', 'h'], gru: ['r', 'z', 'n', 'h'] };
const shownQuantities = () => (app.all ? Object.keys(QUANTITIES) : USUAL[net.cell]).map((key) => QUANTITIES[key]);

// ---- Numbers as text ----

const SUPERSCRIPT = { '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹' };

function text(v, digits = 4) {
  if (v === null || v === undefined || Number.isNaN(v)) return 'n/a';
  if (!Number.isFinite(v)) return v > 0 ? '∞' : '−∞';
  if (v === 0) return '0';
  const size = Math.abs(v);
  if (size >= 1e-3 && size < 1e5) return String(Number(v.toPrecision(digits))).replace('-', '−');
  const [m, e] = v.toExponential(digits - 1).split('e');
  return m.replace('-', '−') + '·10' + [...String(Number(e))].map((d) => SUPERSCRIPT[d]).join('');
}

const timeOf = (t) => (net.stepMs ? text(t * net.stepMs) + ' ms' : 'step ' + t);

function element(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const name in attributes) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), attributes[name]);
    else if (name in e && name !== 'list' && name !== 'width' && name !== 'height') e[name] = attributes[name];
    else e.setAttribute(name, attributes[name]);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}
