// Runs before the first paint, so that the page never shows the wrong theme for a moment. See src/lib/theme.ts.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("pacewatch.theme");
  } catch {}
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = chosen === "dark" || chosen === "light" ? chosen : system;
})();
