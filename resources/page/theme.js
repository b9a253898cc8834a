// The colours in use, and the acts that change them.

const system = window.matchMedia('(prefers-color-scheme: dark)');
let isOnPaper = false;

/** Return "light" or "dark"; paper is light. */
function themeNow() {
  const { theme } = document.documentElement.dataset;
  if (isOnPaper) return 'light';
  return theme === 'system' ? (system.matches ? 'dark' : 'light') : theme;
}

/** Call `repaint` whenever the colours become others. */
function listenToTheme(repaint) {
  const show = () => {
    const other = themeNow() === 'dark' ? 'light' : 'dark';
    byId('theme').textContent = other === 'dark' ? 'Dark' : 'Light';
    byId('theme').setAttribute('aria-label', `Use the ${other} colours`);
    repaint();
  };
  const print = (isOn) => {
    isOnPaper = isOn;
    show();
  };
  byId('theme').addEventListener('click', () => {
    document.documentElement.dataset.theme = themeNow() === 'dark' ? 'light' : 'dark';
    show();
  });
  system.addEventListener('change', show);
  window.addEventListener('beforeprint', () => print(true));
  window.addEventListener('afterprint', () => print(false));
  show();
}
