// ---- Pictures over time: maps of units by steps, and lines, all on one time axis ----

const DECADES = 4; // that a logarithmic colour scale shows of a gradient

const colours = {};

const channels = (name) => {
  const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  return [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
};

// 256 colours each: of a gate from closed to open, and of a signed number from negative over 0 to positive
function readColours() {
  const [none, positive, negative] = ['--none', '--positive', '--negative'].map(channels);
  const mix = (a, b, part) => a.map((v, k) => Math.round(v + (b[k] - v) * part));
  colours.gate = Array.from({ length: 256 }, (_, k) => mix(none, positive, k / 255));
  colours.signed = Array.from({ length: 256 }, (_, k) =>
    k < 128 ? mix(none, negative, (127.5 - k) / 127.5) : mix(none, positive, (k - 127.5) / 127.5));
  for (const name of ['--ink', '--quiet', '--line', '--paper', '--positive', '--negative']) {
    colours[name] = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }
}

// From a value to the index of a colour
function shade(scale, v, most, low = 0, high = 1) {
  if (scale === 'gate') return Math.max(0, Math.min(255, Math.round(((v - low) / (high - low)) * 255)));
  let part = most > 0 ? v / most : 0;
  if (scale === 'gradient' && app.log && part !== 0) {
    part = Math.sign(part) * Math.max(0, 1 + Math.log10(Math.abs(part)) / DECADES);
  }
  return Math.max(0, Math.min(255, Math.round(127.5 + part * 127.5)));
}

const panels = [];

// Which steps a column of a picture so wide stands for: from..to - 1
function columnsOf(width) {
  const count = Math.min(net.steps, Math.max(1, Math.floor(width)));
  return { count, from: (c) => Math.floor((c * net.steps) / count), to: (c) => Math.floor(((c + 1) * net.steps) / count) };
}

function prepare(panel, heightCss) {
  const ratio = Math.min(2, window.devicePixelRatio || 1), canvas = panel.canvas;
  const width = Math.max(40, Math.round(canvas.parentNode.clientWidth));
  canvas.style.height = heightCss + 'px';
  const w = Math.round(width * ratio), h = Math.round(heightCss * ratio);
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, heightCss);
  return { context, width, height: heightCss };
}

const mapHeight = (rows) => Math.max(rows <= 2 ? 18 * rows : 44, Math.min(128, rows * 8));

function drawMap(panel) {
  const rows = panel.rows(), { context, width, height } = prepare(panel, mapHeight(rows));
  const columns = columnsOf(canvasPixels(width)), image = context.createImageData(columns.count, rows);
  const values = new Float64Array(columns.count * rows);
  let most = 0, from = Infinity, to = -Infinity;
  for (let r = 0; r < rows; r++) {
    const row = panel.index ? panel.index(r) : r;
    for (let c = 0; c < columns.count; c++) {
      let v = 0;
      for (let t = columns.from(c); t < columns.to(c); t++) {
        const at = panel.value(t, row);
        if (t === columns.from(c) || Math.abs(at) > Math.abs(v)) v = at;
        if (at < from) from = at;
        if (at > to) to = at;
      }
      values[r * columns.count + c] = v;
      if (Math.abs(v) > most) most = Math.abs(v);
    }
  }
  const ends = app.ownRange && to > from ? [from, to] : [0, 1];
  const palette = panel.scale === 'gate' ? colours.gate : colours.signed;
  for (let k = 0; k < values.length; k++) {
    const colour = palette[shade(panel.scale, values[k], most, ...ends)];
    image.data.set(colour, k * 4);
    image.data[k * 4 + 3] = 255;
  }
  const small = element('canvas');
  [small.width, small.height] = [columns.count, rows];
  small.getContext('2d').putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, width, height);
  panel.range.textContent =
    panel.scale === 'gradient' ? 'up to ±' + text(most, 2) : panel.scale === 'gate' && !app.ownRange ? '0 to 1' : text(from, 2) + ' to ' + text(to, 2);
}

const canvasPixels = (width) => Math.round(width * Math.min(2, window.devicePixelRatio || 1));

function drawLines(panel) {
  const { context, width, height } = prepare(panel, 64), series = panel.series();
  let low = Infinity, high = -Infinity;
  for (const s of series) for (const v of s.values) if (Number.isFinite(v)) [low, high] = [Math.min(low, v), Math.max(high, v)];
  if (!(high > low)) [low, high] = [low - 1, low + 1];
  const x = (t) => ((t + 0.5) / net.steps) * width, y = (v) => height - 5 - ((v - low) / (high - low)) * (height - 10);
  context.lineJoin = 'round';
  for (const s of series) {
    context.strokeStyle = context.fillStyle = colours[s.colour];
    context.lineWidth = s.thin ? 1 : 1.6;
    context.setLineDash(s.dashed ? [4, 3] : []);
    context.beginPath();
    s.values.forEach((v, k) => (k === 0 ? context.moveTo(x(s.first), y(v)) : context.lineTo(x(s.first + k), y(v))));
    context.stroke();
    if (s.values.length < 3) s.values.forEach((v, k) => context.fillRect(x(s.first + k) - 3, y(v) - 3, 6, 6));
  }
  panel.range.textContent = text(low, 3) + ' to ' + text(high, 3);
}

// A panel: its heading with the number at the cursor, its picture, and the lines of the cursor over it
function addPanel(column, panel) {
  panel.number = element('b', { className: 'v' });
  panel.range = element('span', { className: 'range' });
  panel.canvas = element('canvas', { role: 'img' });
  panel.heading = element('span', {}, panel.title());
  const picture = element('div', { className: 'picture' }, panel.canvas, element('i', { className: 'stretch' }), element('i', { className: 'now' }));
  if (panel.cursor) picture.append(element('i', { className: 'row ' + panel.cursor }));
  panel.node = element('div', { className: 'panel ' + panel.kind }, element('div', { className: 'head' }, panel.heading, panel.number, panel.range), picture);
  panel.picture = picture;
  column.append(panel.node);
  panels.push(panel);
  steer(panel);
}

// The cursor follows a mouse button or finger that is down; with the shift key, a stretch is marked
function steer(panel) {
  let down = false, marked = null;
  const at = (event) => {
    const box = panel.picture.getBoundingClientRect();
    const part = (v, n) => Math.max(0, Math.min(n - 1, Math.floor(v * n)));
    const t = part((event.clientX - box.left) / box.width, net.steps);
    if (marked !== null) return markStretch(Math.min(marked, t), Math.max(marked, t));
    const moved = { step: t };
    const row = panel.rows && part((event.clientY - box.top) / box.height, panel.rows());
    if (panel.cursor === 'unit') moved.unit = app.units[row];
    if (panel.cursor === 'feature') moved.feature = row;
    moveTo(moved);
  };
  panel.picture.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    down = true;
    panel.picture.setPointerCapture(event.pointerId);
    marked = null;
    if (event.shiftKey) {
      const box = panel.picture.getBoundingClientRect();
      marked = Math.max(0, Math.min(net.steps - 1, Math.floor(((event.clientX - box.left) / box.width) * net.steps)));
    }
    at(event);
  });
  panel.picture.addEventListener('pointermove', (event) => down && at(event));
  for (const end of ['pointerup', 'pointercancel']) panel.picture.addEventListener(end, () => (down = false));
}

function buildPanels() {
  panels.length = 0;
  const values = document.getElementById('values'), gradients = document.getElementById('gradients');
  values.replaceChildren();
  gradients.replaceChildren();
  const I = net.inputs, O = net.outputs, K = net.outputSteps, both = app.grad !== null;
  document.getElementById('time').classList.toggle('forward-only', !both);
  values.append(element('h3', {}, 'Values'));
  if (both) gradients.append(element('h3', {}, 'Gradients of the loss with respect to them'));

  const range = (n, f) => Array.from({ length: n }, (_, k) => f(k));
  addPanel(values, {
    kind: 'lines',
    title: () => 'input ' + app.feature + (net.form ? ', in the units of the data' : ''),
    series: () => [{ values: range(net.steps, (t) => sequenceX()[t * I + app.feature]), first: 0, colour: '--ink' }],
    now: () => sequenceX()[app.step * I + app.feature],
  });
  if (both) {
    addPanel(gradients, {
      kind: 'lines',
      title: () => 'dL/dx of input ' + app.feature + (net.form ? ', in the units of the network' : ''),
      series: () => [{ values: range(net.steps, (t) => app.grad.layers[0].dx[t * I + app.feature]), first: 0, colour: '--negative' }],
      now: () => app.grad.layers[0].dx[app.step * I + app.feature],
    });
  }
  if (I > 1) {
    const title = 'all ' + I + ' inputs';
    addPanel(values, { kind: 'map', title: () => title, rows: () => I, cursor: 'feature', scale: 'signed', value: (t, j) => app.x[t * I + j], now: () => app.x[app.step * I + app.feature] });
    if (both) {
      addPanel(gradients, { kind: 'map', title: () => 'dL/dx of ' + title, rows: () => I, cursor: 'feature', scale: 'gradient', value: (t, j) => app.grad.layers[0].dx[t * I + j], now: () => app.grad.layers[0].dx[app.step * I + app.feature] });
    }
  }
  for (const q of shownQuantities()) {
    const common = { kind: 'map', rows: () => net.hidden, cursor: 'unit', index: (row) => app.units[row] };
    addPanel(values, { ...common, key: q.key, title: () => q.label, scale: q.scale, value: q.value, now: () => q.value(app.step, app.unit) });
    if (both) {
      addPanel(gradients, { ...common, key: 'd_' + q.key, title: () => 'dL/d' + q.key, scale: 'gradient', value: q.gradient, now: () => q.gradient(app.step, app.unit) });
    }
  }
  const first = net.steps - K, channel = () => app.output;
  const outputs = (f) => range(K, (k) => f(k * O + channel()));
  addPanel(values, {
    kind: 'lines',
    title: () => 'forecast ' + (O > 1 ? app.output : '') + (allTargets ? ' (solid) and target (dashed)' : '') + (K === 1 ? ', after the last step' : ''),
    series: () => {
      const lines = [{ values: outputs((j) => forecastOf(channel(), app.run.y[j])), first, colour: '--positive' }];
      if (allTargets) lines.unshift({ values: outputs((j) => allTargets[app.sequence * K * O + j]), first, colour: '--ink', dashed: true, thin: true });
      if (app.before) lines.unshift({ values: outputs((j) => forecastOf(channel(), app.before.y[j])), first, colour: '--quiet', thin: true });
      return lines;
    },
    now: () => (app.step < first ? null : forecastOf(app.output, app.run.y[(app.step - first) * O + app.output])),
  });
  if (both) {
    addPanel(gradients, {
      kind: 'lines',
      title: () => 'dL/dy of output ' + app.output,
      series: () => [{ values: outputs((j) => app.grad.dy[j]), first, colour: '--negative' }],
      now: () => (app.step < first ? null : app.grad.dy[(app.step - first) * O + app.output]),
    });
  }
  for (const column of both ? [values, gradients] : [values]) {
    const ticks = [0, 0.25, 0.5, 0.75].map((part) => element('span', {}, timeOf(Math.floor(part * net.steps))));
    column.append(element('div', { className: 'axis' }, ...ticks, element('span', {}, timeOf(net.steps - 1))));
  }
}

function drawPanels() {
  for (const panel of panels) {
    panel.heading.textContent = panel.title();
    (panel.kind === 'map' ? drawMap : drawLines)(panel);
  }
  const shown = columnsOf(canvasPixels(panels[0].picture.clientWidth)).count;
  document.getElementById('thinned').textContent =
    shown < net.steps
      ? net.steps + ' steps are drawn in ' + shown + ' columns: each column shows that one of its ' + Math.ceil(net.steps / shown) +
        ' steps where the absolute value is largest. The cursor moves through every step, and all numbers are of one step.'
      : '';
  showNumbers();
}

// What changes when the cursor moves: the lines over the pictures and the numbers in the headings
function showNumbers() {
  const style = document.getElementById('time').style;
  style.setProperty('--now', ((app.step + 0.5) / net.steps) * 100 + '%');
  style.setProperty('--unit', ((app.rowOf[app.unit] + 0.5) / net.hidden) * 100 + '%');
  style.setProperty('--feature', ((app.feature + 0.5) / net.inputs) * 100 + '%');
  for (const panel of panels) {
    const v = panel.now();
    panel.number.textContent = v === null ? '' : text(v);
    if (panel.key) {
      panel.number.dataset.q = panel.key;
      panel.number.dataset.v = v;
    }
  }
}
