// Buttons, fields and keys: what each asks the page for.

function listen(page) {
  const whenChanged = (id, act) =>
    byId(id).addEventListener('change', (event) => act(Math.trunc(Number(event.target.value))));
  whenChanged('call', (place) => page.showCall(place));
  whenChanged('layer', (layer) => page.look({ layer }));
  whenChanged('direction', (direction) => page.look({ direction }));
  whenChanged('item', (item) => page.look({ item }));
  whenChanged('unit', (unit) => page.look({ unit }));
  byId('choices').addEventListener('submit', (event) => event.preventDefault());
  byId('step').addEventListener('input', (event) => page.go(Number(event.target.value)));
  byId('first').addEventListener('click', () => page.go(0));
  byId('back').addEventListener('click', () => page.go(page.view.step - 1));
  byId('play').addEventListener('click', () => page.play(!page.timer));
  byId('forward').addEventListener('click', () => page.go(page.view.step + 1));
  byId('last').addEventListener('click', () => page.go(page.call.steps - 1));
  document.addEventListener('keydown', (event) => press(page, event));
}

/** Take a key that no field and no button wants for itself. */
function press(page, event) {
  const { target, key, shiftKey } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || target.matches('select, input')) return;
  const { step } = page.view;
  const far = shiftKey ? 10 : 1;
  const steps = { ArrowLeft: step - far, ArrowRight: step + far, Home: 0, End: page.call.steps - 1 };
  if (key in steps) page.goAndTell(steps[key]);
  else if (key === ' ' && !target.matches('button, summary')) page.play(!page.timer);
  else return;
  event.preventDefault();
}
