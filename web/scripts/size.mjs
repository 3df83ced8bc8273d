// Fails when what a page needs before it can be used has grown beyond its budget: JavaScript, gzip,
// of the doors (signing in, joining) and of the first screen inside. The password code, by far the
// largest part, must be in none of them: it is a worker that doors start when a password is typed.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budget = 180_000;
const dist = new URL("../dist/", import.meta.url);
const assets = readdirSync(new URL("assets/", dist)).filter((name) => name.endsWith(".js"));
const texts = new Map(assets.map((name) => [name, readFileSync(new URL(`assets/${name}`, dist), "utf8")]));

/** What a file imports at once, and what those import. */
function needs(names, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const imported = [...texts.get(name).matchAll(/\b(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)];
    needs(imported.map((match) => match[1]), found);
  }
  return found;
}

const html = readFileSync(new URL("index.html", dist), "utf8");
const entries = [...html.matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map((match) => match[1]);
const named = (name) => assets.filter((file) => file.startsWith(`${name}-`));
const pages = {
  doors: needs([...entries, ...named("account")]),
  "first screen inside": needs([...entries, ...named("signed-in")]),
};
const password = assets.filter((name) => texts.get(name).includes("opaque"));
const faults = [];
if (entries.length === 0 || named("account").length === 0 || named("signed-in").length === 0) {
  faults.push("a page was not found in dist");
}
if (password.length !== 1) faults.push(`the password code is in ${password.length} files`);
for (const [page, files] of Object.entries(pages)) {
  const sizes = [...files].map((name) => [gzipSync(texts.get(name), { level: 9 }).length, name]);
  const total = sizes.reduce((sum, [size]) => sum + size, 0);
  console.log(`${page}: ${(total / 1000).toFixed(1)} kB of ${budget / 1000} kB in ${files.size} files, the largest:`);
  for (const [size, name] of sizes.sort(([a], [b]) => b - a).slice(0, 6)) {
    console.log(`${(size / 1000).toFixed(1).padStart(8)} kB  ${name}`);
  }
  if (total > budget) faults.push(`too large: ${page}`);
  if (password.some((name) => files.has(name))) faults.push(`the password code is loaded with: ${page}`);
}
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);
