import { expect, test } from "vitest";

import { cleanName } from "./file-name";

test("H77: a name cannot lead out of a folder, hide its ending or name a device", () => {
  for (const [given, clean] of [
    ["report.pdf", "report.pdf"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\boot.ini", "boot.ini"],
    ["a.html\u202Egpj.exe", "a.htmlgpj.exe"],
    ["in\u200Bvi\u0000si\nble.txt", "invisible.txt"],
    ["CON", "_CON"],
    ["con.txt", "_con.txt"],
    ["LPT1.tar.gz", "_LPT1.tar.gz"],
    ["console.txt", "console.txt"],
    ["..", "file"],
    ["", "file"],
    ["/", "file"],
    [".bashrc", "bashrc"],
    ["trailing. . .", "trailing"],
    ['a<b>:"c|d?*.txt', "a_b___c_d__.txt"],
    ["Über Ärger.png", "Über Ärger.png"],
    ["写真 1.jpg", "写真 1.jpg"],
    ["\ud800.txt", "txt"],
  ] as const) {
    expect(cleanName(given), JSON.stringify(given)).toBe(clean);
  }
});

test("H77: a name of 5 KiB keeps its ending", () => {
  const clean = cleanName(`${"x".repeat(5 * 1024)}.jpeg`);
  expect(clean).toHaveLength(120);
  expect(clean.endsWith("x.jpeg")).toBe(true);
  expect(Array.from(cleanName("😀".repeat(3000)))).toHaveLength(120);
  expect(cleanName("e\u0301".repeat(10))).toBe("é".repeat(10));
});
