// ---- Units: memory, activity, saturation ----

const CLOSED = 0.1, OPEN = 0.9; // where a gate counts as closed or open, and |g|, |tanh(c)|, |n| as saturated

// Shares of steps in which a quantity is below CLOSED and above OPEN: of one unit, or of all
function saturation(q, unit) {
  let low = 0, high = 0, count = 0;
  for (let t = 0; t < net.steps; t++) {
    for (let j = unit === undefined ? 0 : unit; j < (unit === undefined ? net.hidden : unit + 1); j++) {
      const v = q.scale === 'gate' ? q.value(t, j) : Math.abs(q.value(t, j));
      if (v < CLOSED) low++;
      if (v > OPEN) high++;
      count++;
    }
  }
  return [low / count, high / count];
}

const percent = (part) => Math.round(100 * part) + ' %';

const saturating = () => [...cell.gates, ...(net.cell === 'lstm' ? ['tanh_c'] : [])].map((key) => QUANTITIES[key]);

function showUnits() {
  const scale = net.stepMs || 1, unitOfTime = net.stepMs ? 'ms' : 'steps';
  const body = document.getElementById('units-body');
  document.getElementById('tau-head').textContent = 'memory, ' + unitOfTime;
  const keeping = meanGate(net, app.run.layers[app.layer], cell.keeping);
  body.replaceChildren(
    ...app.units.map((j) => {
      const row = element('tr', { tabIndex: 0, onclick: () => moveTo({ unit: j }), onkeydown: (e) => e.key === 'Enter' && moveTo({ unit: j }) });
      row.dataset.unit = j;
      for (const v of [j, text(keeping[j], 3), text(app.memory[j] * scale, 3), text(app.activity[j], 3)]) row.append(element('td', {}, String(v)));
      return row;
    }));
  const all = saturating().map((q) => [q, saturation(q)]);
  document.getElementById('saturation-body').replaceChildren(
    ...all.map(([q, [low, high]]) => {
      const row = element('tr', {}, element('th', { scope: 'row' }, q.label));
      row.dataset.key = q.key;
      row.append(element('td', {}, percent(low)), element('td', {}, percent(high)), element('td', {}), element('td', {}));
      return row;
    }));
  showUnit();
}

function showUnit() {
  for (const row of document.getElementById('saturation-body').children) {
    const [low, high] = saturation(QUANTITIES[row.dataset.key], app.unit);
    row.children[3].textContent = percent(low);
    row.children[4].textContent = percent(high);
  }
  for (const row of document.getElementById('units-body').children) row.classList.toggle('chosen', Number(row.dataset.unit) === app.unit);
}

// ---- Change an input or a weight ----

const edits = new Map();

// What can be edited now: where its value stands, and its original
function editable() {
  if (document.getElementById('edit-what').value === 'input') {
    const at = (app.sequence * net.steps + app.step) * net.inputs + app.feature;
    return { name: `input ${app.feature} at step ${app.step}`, values: allX, original: original.x, at };
  }
  const name = document.getElementById('edit-what').value, [rows, columns] = [...DATA.weights[name].shape, 1];
  const clip = (v, n) => Math.max(0, Math.min(n - 1, Math.floor(Number(v)) || 0));
  const r = clip(document.getElementById('edit-row').value, rows), c = clip(document.getElementById('edit-column').value, columns);
  return { name: DATA.weights[name].shape.length === 1 ? `${name}[${r}]` : `${name}[${r}, ${c}]`, values: net.weights[name], original: original.weights[name], at: r * columns + c, weight: name };
}

// The row and column that belong to the cursor
function followCursor() {
  const what = document.getElementById('edit-what').value, isInput = what === 'input';
  document.getElementById('edit-place').hidden = isInput;
  if (!isInput) {
    const shape = DATA.weights[what].shape, gates = what.startsWith('fc.') ? null : cell.gates;
    document.getElementById('edit-column-label').hidden = shape.length === 1;
    document.getElementById('edit-rows').textContent = gates
      ? `Rows ${gates.map((g, k) => `${k * net.hidden} to ${(k + 1) * net.hidden - 1} are gate ${g}`).join(', ')}.`
      : 'A row is an output, a column a unit.';
  }
  showEdit();
}

function showEdit() {
  const e = editable(), v = e.values[e.at], number = document.getElementById('edit-number'), slider = document.getElementById('edit-slider');
  document.getElementById('edit-name').textContent = e.name;
  if (document.activeElement !== number) number.value = v;
  let reach = 1e-3;
  if (e.weight) for (const w of e.original) reach = Math.max(reach, 2 * Math.abs(w));
  let low = -reach, high = reach;
  if (!e.weight) {
    low = Infinity;
    high = -Infinity;
    for (let k = e.at % net.inputs; k < e.original.length; k += net.inputs) [low, high] = [Math.min(low, e.original[k]), Math.max(high, e.original[k])];
    const spare = high > low ? (high - low) / 2 : 1;
    [low, high] = [low - spare, high + spare];
  }
  [slider.min, slider.max, slider.step] = [Math.min(low, v), Math.max(high, v), (high - low) / 200];
  slider.value = v;
  const gradient = app.grad && (e.weight ? app.grad.weights[e.weight][e.at] : app.grad.layers[0].dx[app.step * net.inputs + app.feature]);
  document.getElementById('edit-gradient').textContent = app.grad ? `Gradient of the loss: ${text(gradient)}${e.weight ? '' : ' in the units of the network'}.` : '';
}

function edit(value) {
  if (!Number.isFinite(value)) return;
  if (edits.size === 0) app.before = { y: app.run.y, loss: app.loss };
  const e = editable();
  e.values[e.at] = value;
  if (value === e.original[e.at]) edits.delete(e.name + '/' + app.sequence);
  else edits.set(e.name + '/' + app.sequence, { ...e, value });
  afterEdit();
}

function undoAll() {
  for (const e of edits.values()) e.values[e.at] = e.original[e.at];
  edits.clear();
  afterEdit();
}

function afterEdit() {
  if (edits.size === 0) app.before = null;
  refresh();
  document.getElementById('undo').disabled = edits.size === 0;
  const changed = [...edits.values()].map((e) => `${e.name}: ${text(e.original[e.at])} → ${text(e.value)}`).join('; ');
  const y = app.run.y.length - net.outputs + app.output;
  document.getElementById('edit-result').textContent =
    edits.size === 0
      ? ''
      : `Changed: ${changed}. Last forecast ${text(forecastOf(app.output, app.before.y[y]))} → ${text(forecastOf(app.output, app.run.y[y]))}` +
        (app.loss === null ? '.' : `, loss ${text(app.before.loss, 6)} → ${text(app.loss, 6)}.`) + ' The old forecast stays in the picture as a grey line.';
}

// ---- Stretches where the same units are active ----

const stretch = { from: null, to: null };

function markStretch(from, to) {
  [stretch.from, stretch.to] = [from, to];
  document.getElementById('stretch-from').value = from;
  document.getElementById('stretch-to').value = to;
  showStretch();
}

function showStretch() {
  const style = document.getElementById('time').style, found = document.getElementById('found');
  found.replaceChildren();
  style.setProperty('--from', stretch.from === null ? '0%' : (stretch.from / net.steps) * 100 + '%');
  style.setProperty('--width', stretch.from === null ? '0%' : ((stretch.to + 1 - stretch.from) / net.steps) * 100 + '%');
  document.getElementById('found-text').textContent = '';
  if (stretch.from === null) return;
  const H = net.hidden, h = app.run.layers[app.layer].h, level = Number(document.getElementById('level').value), n = stretch.to + 1 - stretch.from;
  document.getElementById('level-text').textContent = text(level, 2);
  // a unit is on where |h| is above the level; the stretch's units are those that are on in three quarters of its steps
  const on = (t, j) => Math.abs(h[(t + 1) * H + j]) > level;
  const units = [];
  for (let j = 0; j < H; j++) {
    let steps = 0;
    for (let t = stretch.from; t <= stretch.to; t++) if (on(t, j)) steps++;
    if (steps >= 0.75 * n) units.push(j);
  }
  if (units.length === 0) {
    document.getElementById('found-text').textContent = `No unit has |h| above ${text(level, 2)} in three quarters of steps ${stretch.from} to ${stretch.to}: lower the level.`;
    return;
  }
  const share = []; // of those units that are on, by step
  for (let t = 0; t < net.steps; t++) share.push(units.filter((j) => on(t, j)).length / units.length);
  const candidates = [];
  for (let t = 0; t + n <= net.steps; t++) {
    if (t > stretch.to || t + n <= stretch.from) candidates.push({ t, score: share.slice(t, t + n).reduce((a, b) => a + b, 0) / n });
  }
  candidates.sort((a, b) => b.score - a.score || a.t - b.t);
  const best = [];
  for (const c of candidates) if (best.length < 6 && best.every((b) => Math.abs(b.t - c.t) >= n)) best.push(c);
  const few = units.length > 12 ? units.slice(0, 12).join(', ') + ' and ' + (units.length - 12) + ' more' : units.join(', ');
  document.getElementById('found-text').textContent =
    `Active in steps ${stretch.from} to ${stretch.to}, with |h| above ${text(level, 2)} in three quarters of them: unit${units.length > 1 ? 's' : ''} ${few}.` +
    (best.length > 0 ? ' Other stretches where they are active:' : ' The sequence is too short for another such stretch.');
  found.append(...best.map((b) => element('button', { onclick: () => moveTo({ step: b.t }) }, `steps ${b.t} to ${b.t + n - 1}: ${percent(b.score)}`)));
}
