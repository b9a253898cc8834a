// How a number is indexed in PyTorch's words: the rules of lstmviz/core/places.py.

const sequence = (call, step, item, unit) =>
  !call.batched ? [step, unit] : call.batchFirst ? [item, step, unit] : [step, item, unit];

const stepsOf = (call, item) => (call.lengths ? call.lengths[item] : call.steps);

const widthOf = (call, tensor) => ({
  input: call.inputSize,
  output: call.directions * call.outputSize,
  hidden: call.outputSize,
}[tensor] ?? call.hiddenSize);

const index = (name, parts) => `${name}[${parts.join(', ')}]`;

/** Return where a row of plots has its number at `step` and `unit`. */
function placeOf(call, view, tensor, step, unit) {
  const isOuter = tensor === 'output' || tensor === 'input';
  return {
    tensor,
    layer: tensor === 'output' ? call.layers - 1 : isOuter ? 0 : view.layer,
    direction: isOuter ? 0 : view.direction,
    step,
    item: view.item,
    unit,
  };
}

/** Return every way PyTorch's own tensors hold the number at `place`, the plainest first. */
function expressions(call, place) {
  const { tensor, layer, direction, step, item, unit } = place;
  if (tensor === 'input') return [index('input', sequence(call, step, item, unit))];
  const found = [];
  const top = call.layers - 1;
  if (tensor === 'output') {
    found.push(index('output', sequence(call, step, item, unit)));
    const way = Math.floor(unit / call.outputSize);
    found.push(...finals(call, 'h_n', top, way, step, item, unit % call.outputSize));
    return found;
  }
  if (tensor === 'hidden' && layer === top) {
    const joined = direction * call.outputSize + unit;
    found.push(index('output', sequence(call, step, item, joined)));
  }
  const state = call.states.find((one) => one.name === tensor);
  if (state) found.push(...finals(call, state.final, layer, direction, step, item, unit));
  return found.length ? found : [index(`trace.${tensor}`, [layer, direction, step, item, unit])];
}

function finals(call, name, layer, direction, step, item, unit) {
  const last = direction ? 0 : stepsOf(call, item) - 1;
  if (step !== last) return [];
  const row = layer * call.directions + direction;
  return [index(name, call.batched ? [row, item, unit] : [row, unit])];
}
