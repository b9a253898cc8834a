// The numbers of the page: decoded when first asked for, written so that every bit can be told.

const decoded = new Map();

function numbersOf({ block, double }) {
  if (!decoded.has(block)) {
    const text = atob(document.getElementById(`numbers-${block}`).textContent);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    decoded.set(block, double ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer));
  }
  return decoded.get(block);
}

/** Return the shortest decimal that stands for this very number and no other of its type. */
function exactly(value, isDouble) {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  if (isDouble) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

const isDouble = (call) => call.arrays.input.double;

/**
 * Return the numbers that a row shows of one batch item: `steps` rows of `width` numbers. Each of
 * its `parts` says where its units of a step begin.
 */
function tableOf(call, view, tensor) {
  const steps = stepsOf(call, view.item);
  const width = widthOf(call, tensor);
  const table = { steps, width, parts: [], double: isDouble(call) };
  const { item } = view;
  if (tensor === 'output' && !call.arrays.output) {
    const top = call.layers - 1;
    for (let way = 0; way < call.directions; way++) {
      table.parts.push(opened(call, 'hidden', top, way, item, call.outputSize));
    }
  } else if (tensor === 'output') {
    table.parts.push({ data: numbersOf(call.arrays.output), width, start: rowOfOutput(call, item, width) });
  } else if (tensor === 'input') {
    // A padded batch is kept time first whatever the module's layout.
    const itemFirst = call.batchFirst && call.batched && !call.batchSizes;
    const start = itemFirst
      ? (step) => (item * call.steps + step) * width
      : (step) => (step * call.items + item) * width;
    table.parts.push({ data: numbersOf(call.arrays.input), width, start });
  } else {
    table.parts.push(opened(call, tensor, view.layer, view.direction, item, width));
  }
  return table;
}

function opened(call, tensor, layer, direction, item, width) {
  const first = (layer * call.directions + direction) * call.steps;
  const start = (step) => ((first + step) * call.items + item) * width;
  return { data: numbersOf(call.arrays[tensor]), width, start };
}

function rowOfOutput(call, item, width) {
  if (!call.batchSizes) {
    return call.batched && call.batchFirst
      ? (step) => (item * call.steps + step) * width
      : (step) => (step * call.items + item) * width;
  }
  const rank = call.unsorted ? call.unsorted[item] : item;
  const starts = [0];
  for (const size of call.batchSizes) starts.push(starts.at(-1) + size);
  return (step) => (starts[step] + rank) * width;
}

/** Return one number of a table; NaN past the end of its sequence. */
function numberAt(table, step, unit) {
  if (step >= table.steps) return NaN;
  let rest = unit;
  for (const part of table.parts) {
    if (rest < part.width) return part.data[part.start(step) + rest];
    rest -= part.width;
  }
  return NaN;
}

/** Return the number at `place`, as the row that shows it has it. */
const valueAt = (call, place) =>
  numberAt(tableOf(call, place, place.tensor), place.step, place.unit);
