// ---- One cell at the cursor: its drawing, and its equations with the numbers of this step ----

// A number that is shown: in full on its title, and readable for checks
const num = (v, key) => `<b class="v"${key ? ` data-q="${key}" data-v="${v}"` : ''} title="${v}">${text(v)}</b>`;

// A term of a sum or product, in brackets if it is negative
const term = (v) => (v < 0 ? `(${num(v)})` : num(v));

// A gradient that can be compared with a finite difference: name is that of the quantity that is nudged
const grad = (v, name, where = {}) =>
  `<button class="d" data-q="d_${name}" data-v="${v}" title="${v}: press to compare with a finite difference" data-nudge='${JSON.stringify({ name, ...where })}'>${text(v)}</button>`;

const equation = (number, ...lines) =>
  `<div class="eq"><span class="no">(${number})</span><div>${lines.map((l) => `<p>${l}</p>`).join('')}</div></div>`;

const sub = (name, index) => `${name}<sub>${index}</sub>`;
const NOW = 't', LAST = 't−1', NEXT = 't+1';

// W x of one row, split into its terms, the largest first
function largestTerms(w, row, columns, x, x0, name) {
  const terms = [];
  for (let k = 0; k < columns; k++) terms.push({ k, w: w[row * columns + k], x: x[x0 + k], v: w[row * columns + k] * x[x0 + k] });
  terms.sort((a, b) => Math.abs(b.v) - Math.abs(a.v));
  const few = terms.slice(0, 5).filter((e) => e.v !== 0);
  return few.map((e) => `${name} ${e.k}: ${term(e.w)} × ${term(e.x)} = ${num(e.v)}`).join('<br>') || 'all of them are 0';
}

function product(w, row, columns, x, x0) {
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += w[row * columns + k] * x[x0 + k];
  return sum;
}

// W' v for one column, over the rows of one gate
function productBack(w, columns, column, H, gate, v, v0) {
  let sum = 0;
  for (let r = gate * H; r < (gate + 1) * H; r++) sum += w[r * columns + column] * v[v0 + r];
  return sum;
}

const below = () => (app.layer === 0 ? 'input' : 'unit below');

// All that the equations of this cell need, at the cursor
function atCursor() {
  const H = net.hidden, G = cell.gates.length * H, t = app.step, j = app.unit, L = app.run.layers[app.layer];
  return { H, G, t, j, L, D: app.grad && app.grad.layers[app.layer], w: layerWeights(net, app.layer), I: L.inputs, row: t * G, last: t * H, now: (t + 1) * H };
}

function showCell() {
  const s = atCursor();
  document.getElementById('cell-title').textContent =
    `One cell: layer ${app.layer}, unit ${app.unit}, ${net.stepMs ? 'step ' + app.step + ' (' + timeOf(app.step) + ')' : 'step ' + app.step}`;
  document.getElementById('forward').innerHTML = (net.cell === 'lstm' ? forwardOfLstm : forwardOfGru)(s) + forwardOfHead(s);
  document.getElementById('backward').innerHTML = app.grad
    ? backwardOfHead(s) + (net.cell === 'lstm' ? backwardOfLstm : backwardOfGru)(s) + backwardOfWeights(s)
    : '<p class="caption">There are no gradients, because there is no target: give one with <code>--target Y.npy</code>.</p>';
  (net.cell === 'lstm' ? drawLstm : drawGru)(s);
}

// ---- Forward ----

function forwardOfLstm({ H, t, j, L, w, I, row, last, now }) {
  const q = (key) => QUANTITIES[key].value(t, j);
  const lines = cell.gates.map((gate, k) => {
    const r = k * H + j;
    return (
      `${sub('z', gate)} = b<sub>ih</sub> + b<sub>hh</sub> + W<sub>ih</sub> x + W<sub>hh</sub> h<sub>${LAST}</sub> = ` +
      `${term(w.bIh[r])} + ${term(w.bHh[r])} + ${term(product(w.ih, r, I, L.x, t * I))} + ${term(product(w.hh, r, H, L.h, last))} = ${num(q('z_' + gate), 'z_' + gate)}` +
      `<details data-open="${gate}"><summary>largest terms</summary>W<sub>ih</sub> x, weight × value:<br>${largestTerms(w.ih, r, I, L.x, t * I, below())}` +
      `<br>W<sub>hh</sub> h<sub>${LAST}</sub>:<br>${largestTerms(w.hh, r, H, L.h, last, 'unit')}</details>`
    );
  });
  const sigmoid = (gate) => `${gate} = σ(${sub('z', gate)}) = σ(${num(q('z_' + gate))}) = ${num(q(gate), gate)}`;
  return (
    equation(1, ...lines) +
    equation(2, sigmoid('i'), sigmoid('f'), sigmoid('o')) +
    equation(3, `g = tanh(${sub('z', 'g')}) = tanh(${num(q('z_g'))}) = ${num(q('g'), 'g')}`) +
    equation(4, `c = f c<sub>${LAST}</sub> + i g = ${num(q('f'))} × ${term(L.c[last + j])} + ${num(q('i'))} × ${term(q('g'))}`,
      `= ${term(q('f') * L.c[last + j])} kept + ${term(q('i') * q('g'))} written = ${num(q('c'), 'c')}`) +
    equation(5, `h = o tanh(c) = ${num(q('o'))} × ${term(q('tanh_c'))} = ${num(q('h'), 'h')}<span hidden>${num(q('tanh_c'), 'tanh_c')}</span>`)
  );
}

function forwardOfGru({ H, t, j, L, w, I, last }) {
  const q = (key) => QUANTITIES[key].value(t, j), hLast = L.h[last + j];
  const lines = cell.gates.flatMap((gate, k) => {
    const r = k * H + j;
    return [
      `${sub('a', gate)} = b<sub>ih</sub> + W<sub>ih</sub> x = ${term(w.bIh[r])} + ${term(product(w.ih, r, I, L.x, t * I))} = ${num(q('a_' + gate), 'a_' + gate)}`,
      `${sub('q', gate)} = b<sub>hh</sub> + W<sub>hh</sub> h<sub>${LAST}</sub> = ${term(w.bHh[r])} + ${term(product(w.hh, r, H, L.h, last))} = ${num(q('q_' + gate), 'q_' + gate)}` +
        `<details data-open="${gate}"><summary>largest terms</summary>W<sub>ih</sub> x, weight × value:<br>${largestTerms(w.ih, r, I, L.x, t * I, below())}` +
        `<br>W<sub>hh</sub> h<sub>${LAST}</sub>:<br>${largestTerms(w.hh, r, H, L.h, last, 'unit')}</details>`,
    ];
  });
  const sigmoid = (gate) => `${gate} = σ(${sub('a', gate)} + ${sub('q', gate)}) = σ(${num(q('a_' + gate) + q('q_' + gate))}) = ${num(q(gate), gate)}`;
  return (
    equation(1, ...lines) +
    equation(2, sigmoid('r'), sigmoid('z')) +
    equation(3, `n = tanh(a<sub>n</sub> + r q<sub>n</sub>) = tanh(${num(q('a_n'))} + ${num(q('r'))} × ${term(q('q_n'))}) = ${num(q('n'), 'n')}`) +
    equation(5, `h = (1 − z) n + z h<sub>${LAST}</sub> = ${num(1 - q('z'))} × ${term(q('n'))} + ${num(q('z'))} × ${term(hLast)}`,
      `= ${term((1 - q('z')) * q('n'))} written + ${term(q('z') * hLast)} kept = ${num(q('h'), 'h')}`)
  );
}

// Which outputs read h of this step, and at which column of W_fc: {k, column}
function readBy(t, j) {
  const M = net.headStates, reads = [];
  for (let m = 0; m < M; m++) {
    const k = t - (net.steps - net.outputSteps) + (M - 1 - m);
    if (k >= 0 && k < net.outputSteps && app.layer === net.layers - 1) reads.push({ k, column: m * net.hidden + j });
  }
  return reads;
}

function forwardOfHead({ t, j, L, now }) {
  const reads = readBy(t, j), o = app.output, width = net.headStates * net.hidden;
  if (reads.length === 0) {
    return equation(6, app.layer < net.layers - 1
      ? `The output layer reads the topmost layer; this h is read by layer ${app.layer + 1} at the same step${t + 1 < net.steps ? ', and by this layer at the next' : ''}.`
      : 'No output reads this step; only later steps do, through this h and c.');
  }
  const { k, column } = reads[0], own = net.weights['fc.weight'][o * width + column] * L.h[now + j], bias = net.weights['fc.bias'][o];
  const y = app.run.y[k * net.outputs + o];
  return equation(6,
    `y = b<sub>fc</sub> + W<sub>fc</sub> h = ${term(bias)} + ${term(net.weights['fc.weight'][o * width + column])} × ${term(L.h[now + j])} of this unit + ${term(y - bias - own)} of the others = ${num(y, 'y')}`,
    `${net.outputs > 1 ? 'output ' + o + '; ' : ''}forecast ${num(forecastOf(o, y), 'forecast')}` +
      (allTargets ? `, target ${num(allTargets[(app.sequence * net.outputSteps + k) * net.outputs + o])}` : ''));
}

// ---- Backward ----

function backwardOfHead({ H, G, t, j, L, D, w, row, now }) {
  const reads = readBy(t, j), o = app.output, width = net.headStates * net.hidden;
  let html = '';
  if (reads.length > 0) {
    const { k, column } = reads[0], dy = app.grad.dy[k * net.outputs + o];
    html += equation(7,
      `dy = ${num(dy, 'd_y')} from the loss; dW<sub>fc</sub> gets dy h = ${term(dy)} × ${term(L.h[now + j])} = ${num(dy * L.h[now + j])} from this step; over all steps ` +
        grad(app.grad.weights['fc.weight'][o * width + column], 'fc.weight', { weight: o * width + column }));
  }
  const up = D.up[now + j];
  const terms = [`${term(up)} from ${app.layer === net.layers - 1 ? 'the outputs' : 'the layer above'}`];
  const exact = [up];
  if (t + 1 < net.steps) {
    cell.gates.forEach((gate, k) => {
      const v = productBack(w.hh, H, j, H, k, D.dq, row + G);
      terms.push(`${term(v)} through ${gate}`);
      exact.push(v);
    });
    if (net.cell === 'gru') terms.push(`${term(D.dh[now + H + j] * app.run.layers[app.layer].gates[row + G + H + j])} kept by z`);
  }
  html += equation(8,
    `dh = ${app.layer === net.layers - 1 ? 'W<sub>fc</sub>′ dy' : 'dx of the layer above'} + W<sub>hh</sub>′ ${net.cell === 'lstm' ? 'dz' : 'dq'}<sub>${NEXT}</sub>${net.cell === 'gru' ? ` + z<sub>${NEXT}</sub> dh<sub>${NEXT}</sub>` : ''}`,
    `= ${terms.join(' + ')}${t + 1 < net.steps ? ' of the next step' : ' (there is no next step)'} = ${grad(D.dh[now + j], 'h')}`);
  return html;
}

function backwardOfLstm({ H, t, j, L, D, last, now }) {
  const q = (key) => QUANTITIES[key].value(t, j), d = (key) => QUANTITIES[key].gradient(t, j);
  const i = q('i'), f = q('f'), g = q('g'), o = q('o'), tanh = q('tanh_c'), dh = d('h'), dc = d('c');
  const local = dh * o * (1 - tanh * tanh), nextF = t + 1 < net.steps ? QUANTITIES.f.value(t + 1, j) : 0;
  const carried = t + 1 < net.steps ? D.dc[now + H + j] * nextF : 0;
  return (
    equation(9,
      `dc = dh o (1 − tanh²c) + dc<sub>${NEXT}</sub> f<sub>${NEXT}</sub> = ${term(dh)} × ${num(o)} × ${num(1 - tanh * tanh)} + ${t + 1 < net.steps ? `${term(D.dc[now + H + j])} × ${num(nextF)}` : '0'}`,
      `= ${term(local)} through h + ${term(carried)} through c of the next step = ${grad(dc, 'c')}`) +
    equation(10, `dz<sub>o</sub> = dh tanh(c) · o (1 − o) = ${term(dh)} × ${term(tanh)} · ${num(o * (1 - o))} = ${grad(d('z_o'), 'z_o')}`,
      `where dh tanh(c) is do = ${grad(d('o'), 'o')}, and dh o is dtanh(c) = ${grad(d('tanh_c'), 'tanh_c')}`) +
    equation(11, `dz<sub>i</sub> = dc g · i (1 − i) = ${term(dc)} × ${term(g)} · ${num(i * (1 - i))} = ${grad(d('z_i'), 'z_i')}`, `where dc g is di = ${grad(d('i'), 'i')}`) +
    equation(12, `dz<sub>f</sub> = dc c<sub>${LAST}</sub> · f (1 − f) = ${term(dc)} × ${term(L.c[last + j])} · ${num(f * (1 - f))} = ${grad(d('z_f'), 'z_f')}`,
      `where dc c<sub>${LAST}</sub> is df = ${grad(d('f'), 'f')}`) +
    equation(13, `dz<sub>g</sub> = dc i · (1 − g²) = ${term(dc)} × ${num(i)} · ${num(1 - g * g)} = ${grad(d('z_g'), 'z_g')}`, `where dc i is dg = ${grad(d('g'), 'g')}`)
  );
}

function backwardOfGru({ H, t, j, L, last }) {
  const q = (key) => QUANTITIES[key].value(t, j), d = (key) => QUANTITIES[key].gradient(t, j);
  const r = q('r'), z = q('z'), n = q('n'), dh = d('h'), hLast = L.h[last + j];
  return (
    equation(10, `da<sub>z</sub> = dq<sub>z</sub> = dh (h<sub>${LAST}</sub> − n) · z (1 − z) = ${term(dh)} × ${term(hLast - n)} · ${num(z * (1 - z))} = ${grad(d('a_z'), 'a_z')}`,
      `where dh (h<sub>${LAST}</sub> − n) is dz = ${grad(d('z'), 'z')}`) +
    equation(11, `da<sub>n</sub> = dh (1 − z) · (1 − n²) = ${term(dh)} × ${num(1 - z)} · ${num(1 - n * n)} = ${grad(d('a_n'), 'a_n')}`, `where dh (1 − z) is dn = ${grad(d('n'), 'n')}`) +
    equation(12, `dq<sub>n</sub> = da<sub>n</sub> r = ${term(d('a_n'))} × ${num(r)} = ${grad(d('q_n'), 'q_n')}`) +
    equation(13, `da<sub>r</sub> = dq<sub>r</sub> = da<sub>n</sub> q<sub>n</sub> · r (1 − r) = ${term(d('a_n'))} × ${term(q('q_n'))} · ${num(r * (1 - r))} = ${grad(d('a_r'), 'a_r')}`,
      `where da<sub>n</sub> q<sub>n</sub> is dr = ${grad(d('r'), 'r')}; dq<sub>z</sub> = ${grad(d('q_z'), 'q_z')}, dq<sub>r</sub> = ${grad(d('q_r'), 'q_r')}`)
  );
}

// (14) of the weight between the chosen input and this unit, of each gate, and (15) of that input
function backwardOfWeights({ H, G, t, j, L, D, w, I, row }) {
  const k = Math.min(I - 1, app.layer === 0 ? app.feature : app.unit), x = L.x[t * I + k], prefix = net.cell + '.', dName = net.cell === 'lstm' ? 'dz' : 'da';
  const lines = cell.gates.map((gate, g) => {
    const r = g * H + j, name = prefix + 'weight_ih_l' + app.layer;
    return `${gate}: ${dName}<sub>${gate}</sub> x = ${term(D.da[row + r])} × ${term(x)} = ${num(D.da[row + r] * x)} from this step; over all steps ${grad(app.grad.weights[name][r * I + k], name, { weight: r * I + k })}`;
  });
  const back = cell.gates.map((gate, g) => `${term(productBack(w.ih, I, k, H, g, D.da, row))} through ${gate}`);
  return (
    equation(14, `dW<sub>ih</sub> gets ${dName} x′; of the weight of ${below()} ${k}:`, ...lines) +
    (app.layer === 0
      ? equation(15, `dx = W<sub>ih</sub>′ ${dName}, summed over all units; of input ${k}:`, `= ${back.join(' + ')} = ${grad(D.dx[t * I + k], 'x', { unit: k, layer: 0 })}`)
      : equation(15, `dx = W<sub>ih</sub>′ ${dName} is what reaches h of unit ${k} of layer ${app.layer - 1}:`, `= ${back.join(' + ')} = ${num(D.dx[t * I + k])}`))
  );
}

// Beside a gradient, what a change of the quantity does to the loss
function compare(button) {
  const old = button.nextElementSibling;
  if (old && old.className === 'fd') return old.remove();
  const where = JSON.parse(button.dataset.nudge), backwards = Number(button.dataset.v);
  let loss, size;
  if (where.weight !== undefined) {
    const values = net.weights[where.name], value = values[where.weight];
    size = value;
    loss = (by) => {
      values[where.weight] = value + by;
      const l = lossAndSlope(net, forward(net, app.x, app.start, null).y, app.targets).loss;
      values[where.weight] = value;
      return l;
    };
  } else {
    size = where.name === 'x' ? app.x[app.step * net.inputs + where.unit] : QUANTITIES[where.name].value(app.step, app.unit);
    loss = nudgedLoss({ layer: app.layer, step: app.step, unit: app.unit, ...where });
  }
  const difference = finiteDifference(loss, size);
  const fd = element('span', { className: 'fd' });
  fd.dataset.fd = difference;
  fd.textContent = ` finite difference ${text(difference, 9)}, ${difference === backwards ? 'equal' : 'apart by ' + text(Math.abs(difference - backwards), 2)} `;
  button.after(fd);
}

// ---- Drawings ----

const SVG = 'http://www.w3.org/2000/svg';

function svg(tag, attributes, content) {
  const e = document.createElementNS(SVG, tag);
  for (const name in attributes) e.setAttribute(name, attributes[name]);
  if (content !== undefined) e.textContent = content;
  return e;
}

// A drawing is made of wires, boxes and operations; gradients stand below values, in their own colour
function drawing(parts) {
  const root = document.getElementById('drawing');
  root.replaceChildren();
  const marker = svg('marker', { id: 'tip', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' });
  marker.append(svg('path', { d: 'M0 0L8 4L0 8z', class: 'tip' }));
  root.append(marker);
  const number = (x, y, v, d, anchor = 'middle') => {
    root.append(svg('text', { x, y, 'text-anchor': anchor, class: 'value' }, text(v, 3)));
    if (d !== undefined && app.grad) root.append(svg('text', { x, y: y + 15, 'text-anchor': anchor, class: 'gradient' }, text(d, 2)));
  };
  for (const d of parts.wires) root.append(svg('path', { d, class: 'wire', 'marker-end': 'url(#tip)' }));
  for (const b of parts.boxes) {
    const colour = colours[b.scale][shade(b.scale, b.v, 1)];
    root.append(svg('rect', { x: b.x - (b.half || 31), y: b.y - 14, width: 2 * (b.half || 31), height: 28, rx: 5, class: 'box', fill: `rgb(${colour})` }));
    const dark = colour[0] * 0.3 + colour[1] * 0.59 + colour[2] * 0.11 < 130;
    root.append(svg('text', { x: b.x, y: b.y + 5, 'text-anchor': 'middle', class: dark ? 'on-dark' : 'on-light' }, b.name + ' ' + text(b.v, 2)));
    if (b.d !== undefined && app.grad) root.append(svg('text', { x: b.x + 5, y: b.y + 31, class: 'gradient' }, text(b.d, 2))); // beside the wire from below
  }
  for (const o of parts.operations) {
    root.append(svg('circle', { cx: o.x, cy: o.y, r: 12, class: 'operation' }));
    root.append(svg('text', { x: o.x, y: o.y + 5, 'text-anchor': 'middle', class: 'sign' }, o.sign));
  }
  for (const l of parts.labels) {
    root.append(svg('text', { x: l.x, y: l.y, 'text-anchor': l.anchor || 'middle', class: 'name' }, l.name));
    number(l.x, l.y + 16, l.v, l.d, l.anchor);
  }
}

function drawLstm({ H, t, j, L, D, last, now }) {
  const q = (key) => QUANTITIES[key].value(t, j), d = (key) => (app.grad ? QUANTITIES[key].gradient(t, j) : undefined);
  drawing({
    wires: [
      'M70 42H128', 'M152 42H223', 'M247 42H408', 'M140 204V56', // c and f
      'M210 204V120H223', 'M280 204V120H247', 'M235 108V56', // i and g
      'M350 42V98', 'M350 126V148', 'M350 204V174', 'M357 160H408', // tanh(c) and o
      'M70 262H350', 'M140 262V234', 'M210 262V234', 'M280 262V234', 'M350 262V234', // x and h of the last step
    ],
    boxes: [
      { x: 140, y: 218, name: 'f', v: q('f'), d: d('f'), scale: 'gate' },
      { x: 210, y: 218, name: 'i', v: q('i'), d: d('i'), scale: 'gate' },
      { x: 280, y: 218, name: 'g', v: q('g'), d: d('g'), scale: 'signed' },
      { x: 350, y: 218, name: 'o', v: q('o'), d: d('o'), scale: 'gate' },
      { x: 350, y: 112, name: 'tanh', v: q('tanh_c'), scale: 'signed', half: 42 },
    ],
    operations: [
      { x: 140, y: 42, sign: '×' },
      { x: 235, y: 42, sign: '+' },
      { x: 235, y: 120, sign: '×' },
      { x: 350, y: 160, sign: '×' },
    ],
    labels: [
      { x: 8, y: 30, anchor: 'start', name: 'c of t−1', v: L.c[last + j], d: D ? D.dc[last + j] : undefined },
      { x: 412, y: 30, anchor: 'start', name: 'c', v: q('c'), d: d('c') },
      { x: 412, y: 148, anchor: 'start', name: 'h', v: q('h'), d: d('h') },
      { x: 8, y: 250, anchor: 'start', name: 'h of t−1', v: L.h[last + j], d: D ? D.dh[last + j] : undefined },
    ],
  });
}

function drawGru({ H, t, j, L, D, last }) {
  const q = (key) => QUANTITIES[key].value(t, j), d = (key) => (app.grad ? QUANTITIES[key].gradient(t, j) : undefined);
  drawing({
    wires: [
      'M70 42H128', 'M152 42H318', 'M342 42H408', 'M140 204V56', 'M140 120H318', // h and z
      'M240 218H298', 'M330 204V132', 'M330 108V56', // r and n
      'M70 262H330', 'M140 262V234', 'M210 262V234', 'M330 262V234', // x and h of the last step
    ],
    boxes: [
      { x: 140, y: 218, name: 'z', v: q('z'), d: d('z'), scale: 'gate' },
      { x: 210, y: 218, name: 'r', v: q('r'), d: d('r'), scale: 'gate' },
      { x: 330, y: 218, name: 'n', v: q('n'), d: d('n'), scale: 'signed' },
    ],
    operations: [
      { x: 140, y: 42, sign: '×' },
      { x: 330, y: 42, sign: '+' },
      { x: 330, y: 120, sign: '×' },
    ],
    labels: [
      { x: 8, y: 30, anchor: 'start', name: 'h of t−1', v: L.h[last + j], d: D ? D.dh[last + j] : undefined },
      { x: 412, y: 30, anchor: 'start', name: 'h', v: q('h'), d: d('h') },
      { x: 350, y: 104, anchor: 'start', name: '1 − z', v: 1 - q('z') },
    ],
  });
}
