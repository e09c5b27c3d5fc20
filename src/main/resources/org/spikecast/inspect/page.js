// ---- The page: controls, the cursor, and what is drawn again when ----

// Moves the cursor; what depends on it follows at the next frame
let moving = 0;

function moveTo(change) {
  const clip = (v, n) => Math.max(0, Math.min(n - 1, v));
  const layer = app.layer;
  Object.assign(app, change);
  app.layer = clip(app.layer, net.layers);
  app.step = clip(app.step, net.steps);
  app.unit = clip(app.unit, net.hidden);
  app.feature = clip(app.feature, net.inputs);
  app.output = clip(app.output, net.outputs);
  if (app.layer !== layer) return draw();
  if (change.output !== undefined) drawPanels();
  if (!moving) moving = requestAnimationFrame(showCursor);
}

function showCursor() {
  moving = 0;
  if (app.drawnFeature !== app.feature) {
    app.drawnFeature = app.feature;
    drawPanels();
  }
  showNumbers();
  showCell();
  showUnit();
  showPair();
  showEdit();
  for (const [id, v] of [['step', app.step], ['unit', app.unit], ['feature', app.feature], ['output', app.output]]) {
    const input = document.getElementById(id);
    if (input && document.activeElement !== input) input.value = v;
  }
}

// Everything that the run and the layer decide
function draw() {
  sortUnits();
  drawPanels();
  showCursor();
  showUnits();
  if (app.grad) drawReach();
  drawPairs();
  showStretch();
}

// Forward and backward again
function refresh() {
  compute();
  clearPairs();
  draw();
}

function choose(id, names, chosen, action) {
  const select = document.getElementById(id);
  select.replaceChildren(...names.map(([value, label]) => element('option', { value: String(value), selected: value === chosen }, label)));
  select.addEventListener('change', () => action(select.value));
  select.parentNode.hidden = names.length < 2;
}

function stepper(id, count, action) {
  const input = document.getElementById(id);
  input.max = count - 1;
  input.parentNode.hidden = count < 2;
  input.addEventListener('input', () => input.value !== '' && Number.isFinite(Number(input.value)) && action(Math.floor(Number(input.value))));
  for (const [selector, by] of [['.less', -1], ['.more', 1]]) {
    const button = input.parentNode.querySelector(selector);
    if (button) button.addEventListener('click', () => action((id === 'unit' ? app.rowOf[app.unit] : app[id]) + by, true));
  }
}

const unitInRow = (row) => app.units[Math.max(0, Math.min(net.hidden - 1, row))];

function keys(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const far = event.shiftKey ? 10 : 1, row = app.rowOf[app.unit];
  const moves = {
    ArrowLeft: { step: app.step - far },
    ArrowRight: { step: app.step + far },
    ArrowUp: { unit: unitInRow(row - far) },
    ArrowDown: { unit: unitInRow(row + far) },
    Home: { step: 0 },
    End: { step: net.steps - 1 },
    PageUp: { layer: app.layer + 1 },
    PageDown: { layer: app.layer - 1 },
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  moveTo(moves[event.key]);
}

let playing = null;

function play() {
  const button = document.getElementById('play');
  if (playing) clearInterval(playing);
  playing = playing ? null : setInterval(() => moveTo({ step: (app.step + 1) % net.steps }), 60);
  button.textContent = playing ? 'Pause' : 'Play';
}

function describe() {
  const sizes = `${cell.label}, ${net.layers} layer${net.layers > 1 ? 's' : ''} of ${net.hidden} units, ${net.inputs} input${net.inputs > 1 ? 's' : ''}, ${net.outputs} output${net.outputs > 1 ? 's' : ''}`;
  const sequences = net.batch === 1 ? 'one sequence' : net.shown === net.batch ? `${net.batch} sequences` : `the first ${net.shown} of ${net.batch} sequences`;
  const every = net.outputSteps === net.steps ? 'an output after every step' : 'one output, after the last step';
  const head = net.headStates > 1 ? `, which reads the last ${net.headStates} h at once` : '';
  const means = { mse: 'mean squared error', poisson: 'Poisson negative log-likelihood', bernoulli: 'Bernoulli negative log-likelihood' };
  return `${sizes}; ${sequences} of ${net.steps} steps${net.stepMs ? ' of ' + text(net.stepMs) + ' ms' : ''}, ${every}${head}.` +
    (app.loss === null ? ' Without targets there is no loss and no gradient.' : ` Loss of this sequence, ${means[net.loss]}: ${text(app.loss, 6)}.`) +
    (app.grad && net.batch > 1 ? ` Gradients are of the mean loss of all ${net.batch} sequences.` : '');
}

function begin() {
  readColours();
  defineQuantities();
  app.step = net.outputSteps < net.steps ? net.steps - 1 : Math.floor(net.steps / 2);
  compute();
  app.unit = app.activity.indexOf(Math.max(...app.activity));
  buildPanels();
  document.getElementById('about').textContent = describe();
  choose('sequence', Array.from({ length: net.shown }, (_, k) => [k, String(k)]), 0, (v) => {
    app.sequence = Number(v);
    refresh();
    document.getElementById('about').textContent = describe();
  });
  choose('layer', Array.from({ length: net.layers }, (_, k) => [k, k === net.layers - 1 ? k + ' (top)' : String(k)]), app.layer, (v) => moveTo({ layer: Number(v) }));
  choose('order', [['index', 'index'], ['memory', 'memory'], ['activity', 'activity']], 'index', (v) => {
    app.order = v;
    draw();
  });
  stepper('step', net.steps, (v) => moveTo({ step: v }));
  stepper('unit', net.hidden, (v, rows) => moveTo({ unit: rows ? unitInRow(v) : v }));
  stepper('feature', net.inputs, (v) => moveTo({ feature: v }));
  stepper('output', net.outputs, (v) => moveTo({ output: v }));
  document.getElementById('log').checked = app.log;
  document.getElementById('log').addEventListener('change', (e) => {
    app.log = e.target.checked;
    drawPanels();
  });
  document.getElementById('stretch-colours').addEventListener('change', (e) => {
    app.ownRange = e.target.checked;
    drawPanels();
  });
  document.getElementById('all').addEventListener('change', (e) => {
    app.all = e.target.checked;
    buildPanels();
    drawPanels();
  });
  document.getElementById('play').addEventListener('click', play);
  document.addEventListener('keydown', keys);
  document.getElementById('backward').addEventListener('click', (e) => e.target.matches('button.d') && compare(e.target));
  for (const id of ['reach', 'backward-title']) document.getElementById(id).hidden = !app.grad;
  document.getElementById('itemise').addEventListener('click', itemise);
  document.getElementById('itemise-part').hidden = net.outputSteps < 2;
  for (const state of ['h', 'c']) {
    const canvas = document.querySelector('#pairs-' + state + ' canvas');
    canvas.addEventListener('pointerdown', (e) => {
      const box = canvas.getBoundingClientRect();
      app.pairRow = Math.floor(((e.clientY - box.top) / box.height) * pairs.steps.length);
      moveTo({ step: Math.floor(((e.clientX - box.left) / box.width) * net.steps) });
    });
  }
  const what = document.getElementById('edit-what');
  what.append(element('option', { value: 'input' }, 'the input at the cursor'), ...Object.keys(net.weights).map((name) => element('option', { value: name }, name)));
  what.addEventListener('change', followCursor);
  for (const id of ['edit-row', 'edit-column']) document.getElementById(id).addEventListener('input', showEdit);
  document.getElementById('edit-number').addEventListener('change', (e) => e.target.value !== '' && edit(Number(e.target.value)));
  document.getElementById('edit-slider').addEventListener('input', (e) => edit(Number(e.target.value)));
  document.getElementById('undo').addEventListener('click', undoAll);
  for (const id of ['stretch-from', 'stretch-to']) {
    document.getElementById(id).max = net.steps - 1;
    document.getElementById(id).addEventListener('change', () => {
      const [a, b] = ['stretch-from', 'stretch-to'].map((k) => Math.max(0, Math.min(net.steps - 1, Math.floor(Number(document.getElementById(k).value)))));
      if (a <= b) markStretch(a, b);
    });
  }
  document.getElementById('level').addEventListener('input', showStretch);
  window.addEventListener('resize', () => draw());
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    readColours();
    draw();
  });
  followCursor();
  draw();
}
