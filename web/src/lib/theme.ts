/** Light or dark: the system's theme unless the user chose another, which is stored. See public/theme.js. */
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

const KEY = "pacewatch.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

const systemTheme = (): Theme => (system.matches ? "dark" : "light");
const theme = (): Theme => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");

system.addEventListener("change", () => {
  if (!storedTheme()) apply(systemTheme());
});

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}

export function toggleTheme(): void {
  const next: Theme = theme() === "dark" ? "light" : "dark";
  storeTheme(next === systemTheme() ? null : next);
  apply(next);
}

function apply(next: Theme): void {
  document.documentElement.dataset.theme = next;
  for (const listener of listeners) listener();
}

function storedTheme(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Storage can be disabled; then the choice lasts until the page is closed. */
function storeTheme(choice: Theme | null): void {
  try {
    if (choice) localStorage.setItem(KEY, choice);
    else localStorage.removeItem(KEY);
  } catch {}
}
