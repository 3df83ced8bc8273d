import { Cell } from "./readable";

/**
 * A setting of this browser. It stays in local storage where the browser
 * allows that, and follows changes made in other tabs.
 */
export function storedSetting<T extends string>(
  key: string,
  values: readonly T[],
  initial: T,
): Cell<T> {
  const name = `callbox.${key}`;
  const parse = (text: string | null) => values.find((value) => value === text) ?? initial;
  const cell = new Cell<T>(parse(read(name)));
  cell.subscribe(() => write(name, cell.snapshot()));
  addEventListener("storage", (event) => {
    if (event.key === name) cell.set(parse(event.newValue));
  });
  return cell;
}

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage is full or refused: the setting lasts as long as the page.
  }
}
