// The number at a place, exactly, with every way to index it.

/** Say what stands at `place`; `pixel` is what its pixel shows where that is more. */
function showReadout(call, place, pixel) {
  const names = expressions(call, place);
  const steps = stepsOf(call, place.item);
  const isPast = place.step >= steps;
  const value = exactly(valueAt(call, place), isDouble(call));
  byId('names').replaceChildren(
    ...names.flatMap((name, i) => (i ? [' = ', element('code', '', name)] : [element('code', '', name)])),
  );
  byId('equals').hidden = isPast;
  byId('value').textContent = isPast ? '' : value;
  byId('remark').textContent = isPast ? 'past the end of this sequence, not computed' : pixel;
  return isPast ? `${names[0]}: past the end of this sequence` : `${names.join(' = ')} = ${value}`;
}

/** List every state and gate of the chosen cell. */
function showCell(call, view) {
  const way = view.direction ? 'reverse' : 'forward';
  const parts = [`layer ${view.layer}`, way, `t = ${view.step}`];
  if (call.batched) parts.push(`batch item ${view.item}`);
  byId('cell-place').textContent = [...parts, `unit ${view.unit}`].join(', ');
  const rows = call.rows.filter(({ tensor }) => tensor !== 'input' && tensor !== 'output');
  byId('cell-values').replaceChildren(
    ...rows.map(({ tensor, title, meaning }) => {
      const isThere = view.unit < widthOf(call, tensor) && view.step < stepsOf(call, view.item);
      const place = placeOf(call, view, tensor, view.step, view.unit);
      const value = isThere ? exactly(valueAt(call, place), isDouble(call)) : '–';
      const head = element('th', '', title);
      head.scope = 'row';
      return element('tr', '', head, element('td', 'note', meaning), element('td', 'number', value));
    }),
  );
}
