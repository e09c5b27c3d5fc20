// The equations of an LSTM, a GRU and a plain tanh network, forward and backward, in float64. The numbers of the equations
// are those of Lstm.java and Gru.java; the sums run in the same order, but without fused multiply-add.
//
// Letters: T steps, I inputs of a layer, H hidden units, O outputs, K steps with an output. A quantity of all steps is one
// array, step after step. h and c begin with the state before the first step: step t is at t + 1.

const CELLS = {
  lstm: { label: 'LSTM', gates: ['i', 'f', 'g', 'o'], states: ['h', 'c'], keeping: 1 },
  gru: { label: 'GRU', gates: ['r', 'z', 'n'], states: ['h'], keeping: 1 },
};

const sigma = (z) => 1 / (1 + Math.exp(-z));

// y += W x, W with so many rows and columns; x and y begin at x0 and y0
function addProduct(w, rows, columns, x, x0, y, y0) {
  for (let r = 0, k = 0; r < rows; r++) {
    let sum = y[y0 + r];
    for (let c = 0; c < columns; c++, k++) sum += w[k] * x[x0 + c];
    y[y0 + r] = sum;
  }
}

// x += W' y
function addTransposed(w, rows, columns, y, y0, x, x0) {
  for (let r = 0, k = 0; r < rows; r++) {
    const v = y[y0 + r];
    if (v === 0) k += columns;
    else for (let c = 0; c < columns; c++, k++) x[x0 + c] += w[k] * v;
  }
}

// W += y x'
function addOuter(w, rows, columns, y, y0, x, x0) {
  for (let r = 0, k = 0; r < rows; r++) {
    const v = y[y0 + r];
    if (v === 0) k += columns;
    else for (let c = 0; c < columns; c++, k++) w[k] += v * x[x0 + c];
  }
}

function addTo(y, y0, x, x0, n) {
  for (let j = 0; j < n; j++) y[y0 + j] += x[x0 + j];
}

// The weights of a layer by their names in PyTorch
function layerWeights(net, l) {
  const w = (name) => net.weights[net.cell + '.' + name + '_l' + l];
  return { ih: w('weight_ih'), hh: w('weight_hh'), bIh: w('bias_ih'), bHh: w('bias_hh') };
}

const layerInputs = (net, l) => (l === 0 ? net.inputs : net.hidden);

// ---- Forward ----

// Runs the network over x (T x I, in the network's units) from the states start.h[l] and start.c[l].
// nudge: a change of one quantity as soon as it is computed, {layer, step, unit, name, by}, for finite differences.
function forward(net, x, start, nudge) {
  const T = net.steps, H = net.hidden, layers = [];
  for (let l = 0; l < net.layers; l++) {
    // x_t is the features, or h_t of the layer below
    const layer = { x: l === 0 ? x : layers[l - 1].h.subarray(H), inputs: layerInputs(net, l) };
    const at = nudge && nudge.layer === l ? nudge : null;
    if (at && at.name === 'x') {
      layer.x = layer.x.slice();
      layer.x[at.step * layer.inputs + at.unit] += at.by;
    }
    (net.cell === 'lstm' ? forwardLstm : forwardGru)(layerWeights(net, l), layer, T, H, start, l, at);
    layers.push(layer);
  }
  // (6) y = b_fc + W_fc h of the topmost layer, of the last K steps, or of several h one below the other
  const K = net.outputSteps, O = net.outputs, M = net.headStates * H, top = layers[net.layers - 1].h;
  const y = new Float64Array(K * O);
  for (let k = 0; k < K; k++) {
    y.set(net.weights['fc.bias'], k * O);
    addProduct(net.weights['fc.weight'], O, M, top, headFrom(net, k), y, k * O);
  }
  return { x, layers, y };
}

// Where what the output layer reads for its k-th output begins in h
const headFrom = (net, k) => (net.steps - net.outputSteps + k + 2 - net.headStates) * net.hidden;

function forwardLstm(w, layer, T, H, start, l, nudge) {
  const z = (layer.z = new Float64Array(T * 4 * H)); // (i, f, g, o), four times H
  const gates = (layer.gates = new Float64Array(T * 4 * H));
  const c = (layer.c = new Float64Array((T + 1) * H));
  const tanhC = (layer.tanhC = new Float64Array(T * H));
  const h = (layer.h = new Float64Array((T + 1) * H));
  h.set(start.h[l]);
  c.set(start.c[l]);
  for (let t = 0; t < T; t++) {
    const a = t * 4 * H, last = t * H, now = last + H;
    const add = nudge && nudge.step === t ? nudged(nudge) : () => 0;
    for (let r = 0; r < 4 * H; r++) z[a + r] = w.bIh[r] + w.bHh[r];
    addProduct(w.ih, 4 * H, layer.inputs, layer.x, t * layer.inputs, z, a); // (1)
    addProduct(w.hh, 4 * H, H, h, last, z, a); // (1)
    for (let j = 0; j < H; j++) {
      const zi = a + j, zf = zi + H, zg = zf + H, zo = zg + H;
      z[zi] += add('z_i', j);
      z[zf] += add('z_f', j);
      z[zg] += add('z_g', j);
      z[zo] += add('z_o', j);
      const i = (gates[zi] = sigma(z[zi]) + add('i', j)); // (2)
      const f = (gates[zf] = sigma(z[zf]) + add('f', j)); // (2)
      const g = (gates[zg] = Math.tanh(z[zg]) + add('g', j)); // (3)
      const o = (gates[zo] = sigma(z[zo]) + add('o', j)); // (2)
      c[now + j] = f * c[last + j] + i * g + add('c', j); // (4)
      tanhC[last + j] = Math.tanh(c[now + j]) + add('tanh_c', j); // (5)
      h[now + j] = o * tanhC[last + j] + add('h', j); // (5)
    }
  }
}

function forwardGru(w, layer, T, H, start, l, nudge) {
  const a = (layer.a = new Float64Array(T * 3 * H)); // (r, z, n), three times H
  const q = (layer.q = new Float64Array(T * 3 * H));
  const gates = (layer.gates = new Float64Array(T * 3 * H));
  const h = (layer.h = new Float64Array((T + 1) * H));
  h.set(start.h[l]);
  for (let t = 0; t < T; t++) {
    const row = t * 3 * H, last = t * H, now = last + H;
    const add = nudge && nudge.step === t ? nudged(nudge) : () => 0;
    a.set(w.bIh, row);
    q.set(w.bHh, row);
    addProduct(w.ih, 3 * H, layer.inputs, layer.x, t * layer.inputs, a, row); // (1)
    addProduct(w.hh, 3 * H, H, h, last, q, row); // (1)
    for (let j = 0; j < H; j++) {
      const kr = row + j, kz = kr + H, kn = kz + H;
      ['r', 'z', 'n'].forEach((gate, k) => {
        a[kr + k * H] += add('a_' + gate, j);
        q[kr + k * H] += add('q_' + gate, j);
      });
      const r = (gates[kr] = sigma(a[kr] + q[kr]) + add('r', j)); // (2)
      const z = (gates[kz] = sigma(a[kz] + q[kz]) + add('z', j)); // (2)
      const n = (gates[kn] = Math.tanh(a[kn] + r * q[kn]) + add('n', j)); // (3)
      h[now + j] = (1 - z) * n + z * h[last + j] + add('h', j); // (5)
    }
  }
}

const nudged = (nudge) => (name, unit) => (name === nudge.name && unit === nudge.unit ? nudge.by : 0);

// ---- Loss ----

const LOSSES = {
  mse: { value: (y, t) => (y - t) * (y - t), slope: (y, t) => 2 * (y - t), mean: (y) => y },
  poisson: { value: (y, t) => Math.exp(y) - t * y, slope: (y, t) => Math.exp(y) - t, mean: Math.exp },
  bernoulli: {
    value: (y, t) => Math.max(y, 0) - t * y + Math.log1p(Math.exp(-Math.abs(y))),
    slope: (y, t) => (1 - t) * sigma(y) - t * sigma(-y),
    mean: sigma,
  },
};

// The loss is a mean over all B sequences, K steps and O outputs; this is one sequence's share of it, and dL/dy
function lossAndSlope(net, y, target) {
  const n = net.batch * y.length, loss = LOSSES[net.loss], dy = new Float64Array(y.length);
  let sum = 0;
  for (let j = 0; j < y.length; j++) {
    sum += loss.value(y[j], target[j]);
    dy[j] = loss.slope(y[j], target[j]) / n;
  }
  return { loss: sum / n, dy };
}

// ---- Backward ----

// From dL/dy back to everything. Gives per layer dh ((T + 1) x H, that of h_-1 first), up (what of it comes from above),
// dc, da and dq (both dz of an LSTM) and dx; with weights, the gradient of every parameter by name. last: the last step that
// has a gradient, if it is known.
function backward(net, run, dy, weights, last = net.steps - 1) {
  const T = last + 1, H = net.hidden, K = net.outputSteps, O = net.outputs, M = net.headStates * H;
  const d = { layers: [], weights: {}, dy };
  if (weights) for (const name in net.weights) d.weights[name] = new Float64Array(net.weights[name].length);
  let up = new Float64Array((T + 1) * H);
  for (let k = 0; k < K && headFrom(net, k) + M <= up.length; k++) {
    if (weights) {
      addOuter(d.weights['fc.weight'], O, M, dy, k * O, run.layers[net.layers - 1].h, headFrom(net, k)); // (7)
      addTo(d.weights['fc.bias'], 0, dy, k * O, O); // (7)
    }
    addTransposed(net.weights['fc.weight'], O, M, dy, k * O, up, headFrom(net, k)); // (8)
  }
  for (let l = net.layers - 1; l >= 0; l--) {
    const layer = run.layers[l], w = layerWeights(net, l);
    const dl = (net.cell === 'lstm' ? backwardLstm : backwardGru)(w, layer, T, H, up);
    dl.up = up;
    const rows = CELLS[net.cell].gates.length * H, I = layer.inputs;
    dl.dx = new Float64Array(T * I);
    d.layers[l] = dl;
    if (l === 0 && !weights) break; // only norms of the layers are wanted
    // what reaches the layer below, at its h_t: (15)
    for (let t = 0; t < T; t++) addTransposed(w.ih, rows, I, dl.da, t * rows, dl.dx, t * I);
    if (weights) {
      const g = layerWeights({ cell: net.cell, weights: d.weights }, l);
      for (let t = 0; t < T; t++) {
        addOuter(g.ih, rows, I, dl.da, t * rows, layer.x, t * I); // (14)
        addOuter(g.hh, rows, H, dl.dq, t * rows, layer.h, t * H); // (14)
        addTo(g.bIh, 0, dl.da, t * rows, rows); // (14)
        addTo(g.bHh, 0, dl.dq, t * rows, rows); // (14)
      }
    }
    if (l > 0) {
      up = new Float64Array((T + 1) * H);
      up.set(dl.dx, H);
    }
  }
  return d;
}

function backwardLstm(w, layer, T, H, up) {
  const { gates, c, tanhC } = layer;
  const dh = up.slice(), dc = new Float64Array((T + 1) * H), dz = new Float64Array(T * 4 * H);
  for (let t = T - 1; t >= 0; t--) {
    const a = t * 4 * H, last = t * H, now = last + H;
    for (let j = 0; j < H; j++) {
      const zi = a + j, zf = zi + H, zg = zf + H, zo = zg + H;
      const i = gates[zi], f = gates[zf], g = gates[zg], o = gates[zo], tanh = tanhC[last + j];
      const dhj = dh[now + j];
      const dcj = (dc[now + j] += dhj * o * (1 - tanh * tanh)); // (9)
      dz[zo] = dhj * tanh * (o * (1 - o)); // (10)
      dz[zi] = dcj * g * (i * (1 - i)); // (11)
      dz[zf] = dcj * c[last + j] * (f * (1 - f)); // (12)
      dz[zg] = dcj * i * (1 - g * g); // (13)
      dc[last + j] = dcj * f; // (9), for the step before
    }
    addTransposed(w.hh, 4 * H, H, dz, a, dh, last); // (8)
  }
  return { dh, dc, da: dz, dq: dz };
}

function backwardGru(w, layer, T, H, up) {
  const { gates, q, h } = layer;
  const dh = up.slice(), da = new Float64Array(T * 3 * H), dq = new Float64Array(T * 3 * H);
  for (let t = T - 1; t >= 0; t--) {
    const row = t * 3 * H, last = t * H, now = last + H;
    for (let j = 0; j < H; j++) {
      const kr = row + j, kz = kr + H, kn = kz + H;
      const r = gates[kr], z = gates[kz], n = gates[kn], dhj = dh[now + j];
      da[kz] = dq[kz] = dhj * (h[last + j] - n) * (z * (1 - z)); // (10)
      da[kn] = dhj * (1 - z) * (1 - n * n); // (11)
      dq[kn] = da[kn] * r; // (12)
      da[kr] = dq[kr] = da[kn] * q[kn] * (r * (1 - r)); // (13)
      dh[last + j] += dhj * z; // (8)
    }
    addTransposed(w.hh, 3 * H, H, dq, row, dh, last); // (8)
  }
  return { dh, da, dq };
}

// ---- What follows from them ----

// How the loss changes with one quantity, without any of the backward equations: from four runs forward,
// (L(-2e) - 8 L(-e) + 8 L(e) - L(2e)) / 12e
function finiteDifference(loss, size) {
  const e = 1e-3 * Math.max(1, Math.abs(size));
  return (loss(-2 * e) - 8 * loss(-e) + 8 * loss(e) - loss(2 * e)) / (12 * e);
}

// The mean of a gate over the steps, of each unit; and the time constant in steps that a mean of the gate that keeps means
function meanGate(net, layer, gate) {
  const H = net.hidden, rows = CELLS[net.cell].gates.length * H, mean = new Float64Array(H);
  for (let t = 0; t < net.steps; t++) addTo(mean, 0, layer.gates, t * rows + gate * H, H);
  return mean.map((sum) => sum / net.steps);
}

const memory = (net, layer) => meanGate(net, layer, CELLS[net.cell].keeping).map((mean) => -1 / Math.log(mean));

function activity(net, layer) {
  const H = net.hidden, mean = new Float64Array(H);
  for (let t = 1; t <= net.steps; t++) for (let j = 0; j < H; j++) mean[j] += Math.abs(layer.h[t * H + j]);
  return mean.map((sum) => sum / net.steps);
}
