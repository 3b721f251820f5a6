// The chosen theme, or that of the system, before anything is painted.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("stratum.theme");
  } catch {
    // No storage: the system's theme.
  }
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
