// ---- How far back a loss reaches: norms of gradients against steps back, and the loss of each step apart ----

function norm(values, from, n) {
  let sum = 0;
  for (let j = 0; j < n; j++) sum += values[from + j] * values[from + j];
  return Math.sqrt(sum);
}

// The gradient of the loss of one step's outputs alone: the k-th
function backwardOfOne(k) {
  const O = net.outputs, dy = new Float64Array(app.grad.dy.length);
  dy.set(app.grad.dy.subarray(k * O, (k + 1) * O), k * O);
  return backward(net, app.run, dy, false, net.steps - net.outputSteps + k);
}

// |dL/dh_t| and |dL/dc_t| of the last step's loss, by steps back, of each layer
function drawReach() {
  const H = net.hidden, d = backwardOfOne(net.outputSteps - 1), lines = [];
  for (let l = 0; l < net.layers; l++) {
    for (const state of cell.states) {
      const values = [];
      for (let back = 0; back < net.steps; back++) values.push(norm(d.layers[l]['d' + state], (net.steps - back) * H, H));
      lines.push({ name: `|dL/d${state}|, layer ${l}`, values, layer: l, dashed: state === 'c' });
    }
  }
  app.reach = lines;
  drawLogLines(document.getElementById('reach-lines'), lines);
  const h = lines.find((s) => s.layer === app.layer && !s.dashed).values;
  const most = Math.max(...h), last = h.reduce((at, v, back) => (v >= most / 100 ? back : at), 0);
  document.getElementById('reach-sentence').textContent =
    most > 0
      ? `In layer ${app.layer}, |dL/dh| is largest ${h.indexOf(most)} steps back (${text(most)}) and above a hundredth of that up to ${last} steps back` +
        (net.stepMs ? `, ${text(last * net.stepMs)} ms.` : '.')
      : 'The loss of the last step has a gradient of 0: output and target are equal.';
}

function drawLogLines(holder, lines) {
  const ratio = Math.min(2, window.devicePixelRatio || 1), canvas = holder.querySelector('canvas'), width = Math.round(holder.clientWidth), height = 230;
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  canvas.style.height = height + 'px';
  const context = canvas.getContext('2d'), left = 46, bottom = 34;
  context.scale(ratio, ratio);
  const positive = lines.flatMap((s) => s.values).filter((v) => v > 0);
  const high = Math.ceil(Math.log10(Math.max(...positive, 1e-300))), low = Math.max(high - 16, Math.floor(Math.log10(Math.min(...positive, 1))));
  const longest = Math.max(1, lines[0].values.length - 1);
  const x = (back) => width - 8 - (back / longest) * (width - left - 16), y = (v) => 8 + ((high - Math.log10(v)) / Math.max(1, high - low)) * (height - bottom - 8);
  context.font = '12px system-ui, sans-serif';
  context.fillStyle = colours['--quiet'];
  context.textAlign = 'right';
  const every = Math.max(1, Math.ceil((high - low) / 6));
  for (let e = high; e >= low; e -= every) {
    context.fillText(text(Math.pow(10, e), 1).replace('1·', ''), left - 6, y(Math.pow(10, e)) + 4);
    context.fillStyle = colours['--line'];
    context.fillRect(left, y(Math.pow(10, e)), width - left - 8, 1);
    context.fillStyle = colours['--quiet'];
  }
  context.textAlign = 'center';
  for (const part of [0, 0.25, 0.5, 0.75, 1]) context.fillText(String(Math.round(part * longest)), Math.min(width - 12, Math.max(left + 4, x(part * longest))), height - bottom + 18);
  context.fillText('steps back from the last step', left + (width - left) / 2, height - 2);
  const strokes = ['--positive', '--negative', '--ink', '--quiet'];
  context.lineWidth = 1.7;
  for (const s of lines) {
    context.strokeStyle = colours[strokes[s.layer % strokes.length]];
    context.globalAlpha = s.layer === app.layer ? 1 : 0.45;
    context.setLineDash(s.dashed ? [5, 3] : []);
    context.beginPath();
    let pen = false;
    s.values.forEach((v, back) => {
      if (!(v > Math.pow(10, low - 1))) return (pen = false);
      pen ? context.lineTo(x(back), y(v)) : context.moveTo(x(back), y(v));
      pen = true;
    });
    context.stroke();
  }
  const legend = holder.querySelector('.legend');
  legend.replaceChildren(...lines.map((s) => element('span', { className: 'key s' + (s.layer % 4) + (s.dashed ? ' dashed' : '') }, s.name)));
}

// ---- The loss of each step apart: which later loss reaches which earlier step ----

const MOST_LOSSES = 64; // that are followed back one by one

const pairs = { steps: [], h: [], c: [] };

function clearPairs() {
  pairs.run = null;
  pairs.steps = [];
  document.getElementById('pairs').hidden = true;
  document.getElementById('pairs-status').textContent = '';
}

// In slices, so that the page stays alive
function itemise() {
  const K = net.outputSteps, every = Math.ceil(K / MOST_LOSSES), chosen = [];
  for (let k = K - 1; k >= 0; k -= every) chosen.unshift(k);
  const run = (pairs.run = {});
  pairs.steps = [];
  pairs.norms = { h: [], c: [] };
  const status = document.getElementById('pairs-status');
  const next = () => {
    const until = performance.now() + 40;
    while (pairs.steps.length < chosen.length && performance.now() < until) itemiseOne(chosen[pairs.steps.length]);
    if (pairs.run !== run) return;
    if (pairs.steps.length < chosen.length) {
      status.textContent = `${pairs.steps.length} of ${chosen.length} losses followed back`;
      return setTimeout(next, 0);
    }
    status.textContent = every > 1 ? `The losses of every ${every}th step, ${chosen.length} in all.` : '';
    document.getElementById('pairs').hidden = false;
    drawPairs();
  };
  next();
}

// Norms over the units, of every layer: of dL_s/dh_t, and of what c_(t+1) hands back to c_t, dc_(t+1) f_(t+1)
function itemiseOne(k) {
  const H = net.hidden, d = backwardOfOne(k), T = net.steps - net.outputSteps + k + 1;
  pairs.steps.push(T - 1);
  const h = [], c = [];
  for (let l = 0; l < net.layers; l++) {
    const D = d.layers[l], L = run_(l);
    const hs = new Float64Array(net.steps), cs = new Float64Array(net.steps);
    for (let t = 0; t < T; t++) {
      hs[t] = norm(D.dh, (t + 1) * H, H);
      if (t + 1 < T) cs[t] = Math.sqrt(carriedSquares(D, L, t, H));
    }
    h.push(hs);
    c.push(cs);
  }
  pairs.norms.h.push(h);
  pairs.norms.c.push(c);
}

const run_ = (l) => app.run.layers[l];

// The part of a gradient that the state itself carries back: dc_(t+1) f_(t+1) of an LSTM, dh_(t+1) z_(t+1) of a GRU
function carriedSquares(D, L, t, H) {
  const rows = cell.gates.length * H, from = net.cell === 'lstm' ? D.dc : D.dh;
  let sum = 0;
  for (let j = 0; j < H; j++) {
    const v = from[(t + 2) * H + j] * L.gates[(t + 1) * rows + cell.keeping * H + j];
    sum += v * v;
  }
  return sum;
}

function drawPairs() {
  if (pairs.steps.length === 0 || document.getElementById('pairs').hidden) return;
  for (const state of ['h', 'c']) {
    const holder = document.getElementById('pairs-' + state), canvas = holder.querySelector('canvas');
    const S = pairs.steps.length, columns = columnsOf(canvasPixels(holder.clientWidth));
    [canvas.width, canvas.height] = [columns.count, S];
    canvas.style.height = Math.max(80, Math.min(260, S * 6)) + 'px';
    const context = canvas.getContext('2d'), image = context.createImageData(columns.count, S);
    const rows = pairs.norms[state].map((layers) => layers[app.layer]);
    const most = Math.max(...rows.map((r) => r.reduce((a, b) => Math.max(a, b), 0)));
    rows.forEach((row, s) => {
      for (let c = 0; c < columns.count; c++) {
        let v = 0;
        for (let t = columns.from(c); t < columns.to(c); t++) v = Math.max(v, row[t]);
        const part = v > 0 ? Math.max(0, 1 + Math.log10(v / most) / DECADES) : 0;
        image.data.set(colours.gate[Math.round(part * 255)], (s * columns.count + c) * 4);
        image.data[(s * columns.count + c) * 4 + 3] = 255;
      }
    });
    context.putImageData(image, 0, 0);
    holder.querySelector('.range').textContent = 'up to ' + text(most, 2);
  }
  showPair();
}

// The row of the pairs at the cursor, in words
function showPair() {
  if (pairs.steps.length === 0 || document.getElementById('pairs').hidden) return;
  let s = pairs.steps.findIndex((step) => step >= app.step);
  if (app.pairRow !== undefined && app.pairRow < pairs.steps.length && pairs.steps[app.pairRow] >= app.step) s = app.pairRow;
  if (s < 0) s = pairs.steps.length - 1;
  const h = pairs.norms.h[s][app.layer][app.step], c = pairs.norms.c[s][app.layer][app.step];
  document.getElementById('pair').textContent =
    `The loss of step ${pairs.steps[s]} reaches step ${app.step}, ${Math.max(0, pairs.steps[s] - app.step)} steps back, with |dL/dh| = ${text(h)}; ` +
    `the state itself carries ${text(c)} of it back.`;
}
