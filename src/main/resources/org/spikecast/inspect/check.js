// ---- A check of the page itself, for the tests: #check=JSON in the address ----

// {cursors: [[layer, step, unit]...], order: 'memory', edits: [{what, row, column, step, feature, value}]}: moves the cursor,
// sorts and edits as a reader would, and leaves what the page shows then as text in the document
const faults = [];
window.addEventListener('error', (event) => faults.push(event.message));
window.addEventListener('securitypolicyviolation', (event) => faults.push('blocked: ' + event.blockedURI));

function shownNumbers() {
  const numbers = {};
  for (const e of document.querySelectorAll('[data-q]')) {
    const v = Number(e.dataset.v), key = e.dataset.q;
    if (key in numbers && numbers[key] !== v && !key.includes('.')) faults.push(`${key} is shown as ${numbers[key]} and as ${v}`);
    numbers[key] = v;
  }
  return numbers;
}

function shownAt(cursors) {
  return cursors.map(([layer, step, unit, feature]) => {
    document.getElementById('layer').value = layer;
    document.getElementById('layer').dispatchEvent(new Event('change'));
    moveTo({ step, unit, feature });
    showCursor();
    return { ...shownNumbers(), row: app.rowOf[app.unit] };
  });
}

// The shortest time of several, which other work on the machine lengthens least, in ms
function fastest(times, work) {
  let least = Infinity;
  for (let k = 0; k < times; k++) {
    const begin = performance.now();
    work(k);
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

function check(task) {
  const result = { size: [document.documentElement.scrollWidth, window.innerWidth] };
  document.getElementById('all').click();
  result.first = shownAt(task.cursors);
  result.cursorMs = fastest(20, (k) => {
    moveTo({ step: k % net.steps, unit: k % net.hidden });
    showCursor();
  });
  document.getElementById('order').value = task.order;
  document.getElementById('order').dispatchEvent(new Event('change'));
  result.sorted = shownAt(task.cursors);
  result.units = [...document.querySelectorAll('#units-body tr')].map((row) => Number(row.dataset.unit));
  result.editMs = fastest(task.edits.length, (k) => {
    const e = task.edits[k];
    moveTo({ step: e.step || 0, feature: e.feature || 0 });
    document.getElementById('edit-what').value = e.what;
    document.getElementById('edit-what').dispatchEvent(new Event('change'));
    document.getElementById('edit-row').value = e.row || 0;
    document.getElementById('edit-column').value = e.column || 0;
    document.getElementById('edit-number').value = e.value;
    document.getElementById('edit-number').dispatchEvent(new Event('change'));
  });
  result.edited = shownAt(task.cursors);
  result.loss = app.loss;
  for (const button of document.querySelectorAll('#backward button.d')) compare(button);
  result.differences = [...document.querySelectorAll('#backward .fd')].map((fd) => ({
    name: fd.previousSibling.dataset.q,
    gradient: Number(fd.previousSibling.dataset.v),
    difference: Number(fd.dataset.fd),
  }));
  document.getElementById('itemise').click();
  markStretch(0, Math.min(3, net.steps - 1));
  document.getElementById('undo').click();
  result.undone = shownAt(task.cursors.slice(0, 1));
  result.requests = performance.getEntriesByType('resource').map((entry) => entry.name);
  result.faults = faults;
  return result;
}

const hash = decodeURIComponent(location.hash.slice(1));
if (/theme=(dark|light)/.test(hash)) document.documentElement.dataset.theme = hash.match(/theme=(dark|light)/)[1];
begin();
if (hash.startsWith('check=')) {
  let result;
  try {
    result = check(JSON.parse(hash.slice(6)));
  } catch (e) {
    result = { faults: [...faults, String(e.stack)] };
  }
  document.body.append(element('pre', { id: 'check' }, JSON.stringify(result)));
}
