// Generates one type file per service from contracts/openapi; `--check` fails when a committed file is out of date.
import { readdir, readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const SOURCES = new URL("../../contracts/openapi/", import.meta.url);
const TARGETS = new URL("../src/lib/api/", import.meta.url);
const HEADER = "// Generated from contracts/openapi by `npm run client`. Do not edit.\n\n";

async function generate(file) {
  const document = JSON.parse(await readFile(new URL(file, SOURCES), "utf8"));
  return HEADER + astToString(await openapiTS(document, { silent: true }));
}

const committed = (target) => readFile(target, "utf8").catch(() => "");

const check = process.argv.includes("--check");
const stale = [];
for (const file of (await readdir(SOURCES)).filter((name) => name.endsWith(".json")).sort()) {
  const target = new URL(file.replace(/\.json$/, ".d.ts"), TARGETS);
  const text = await generate(file);
  if (text === (await committed(target))) continue;
  stale.push(file);
  if (!check) await writeFile(target, text);
}
if (check && stale.length > 0) {
  console.error(`The client is out of date with ${stale.join(", ")}: run \`npm run client\`.`);
  process.exit(1);
}
