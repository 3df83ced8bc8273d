/** What to call this browser in the list of devices: "Firefox on Linux". Not translated: others see it too. */
export function deviceName(agent: string = navigator.userAgent): string {
  const browser = find(browsers, agent) ?? "Browser";
  const system = find(systems, agent);
  return system ? `${browser} on ${system}` : browser;
}

function find(kinds: readonly (readonly [RegExp, string])[], agent: string): string | undefined {
  return kinds.find(([pattern]) => pattern.test(agent))?.[1];
}

// The order matters: most browsers also name those they descend from.
const browsers = [
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/OPR\//, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/(Firefox|FxiOS)\//, "Firefox"],
  [/(Chrome|CriOS|Chromium)\//, "Chrome"],
  [/Safari\//, "Safari"],
] as const;

const systems = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/CrOS/, "ChromeOS"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "Mac"],
  [/Linux/, "Linux"],
] as const;
