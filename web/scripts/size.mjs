// Fails when what the first page load needs has grown beyond its budget (JavaScript, gzip).
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budget = 180_000;
const dist = new URL("../dist/", import.meta.url);
const html = readFileSync(new URL("index.html", dist), "utf8");
const scripts = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(
  (match) => match[1],
);
const sizes = scripts.map(
  (name) => gzipSync(readFileSync(new URL(name, dist)), { level: 9 }).length,
);
const total = sizes.reduce((sum, size) => sum + size, 0);

scripts.forEach((name, i) =>
  console.log(`${(sizes[i] / 1000).toFixed(1).padStart(8)} kB  ${name}`),
);
console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  of ${budget / 1000} kB`);
if (scripts.length === 0 || total > budget) {
  console.error(
    scripts.length === 0 ? "no script found in dist/index.html" : "the first load is too large",
  );
  process.exit(1);
}
