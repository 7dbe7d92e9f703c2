// Puts beside each large file of the built page the same file packed, which the server sends to browsers that take it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const WORTH_BYTES = 8192;
const folder = join(dirname(fileURLToPath(import.meta.url)), "../../src/tenere/serve/static/assets");

for (const name of readdirSync(folder)) {
  const content = readFileSync(join(folder, name));
  if (content.length > WORTH_BYTES && !name.endsWith(".gz")) writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
}
