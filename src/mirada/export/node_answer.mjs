// Answers images with the files of a page, and says how long one takes: see node.py.
// @ts-check
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const NO_SIMD = 77;
const [TURNS, LONGEST_MS] = [20, 2000];

const [folder, given, found, total] = process.argv.slice(2);
const code = readFileSync(`${folder}/model.wasm`);
if (!WebAssembly.validate(code)) process.exit(NO_SIMD);
const { compiled } = await import(pathToFileURL(`${folder}/model.mjs`).href);
const about = JSON.parse(readFileSync(`${folder}/model.json`, "utf8"));
const answer = await compiled(about, code, readFileSync(`${folder}/model.weights`));

const all = readFileSync(given);
const count = Number(total);
const size = all.length / count;
const images = Array.from({ length: count }, (_, at) => all.subarray(at * size, (at + 1) * size));
const outputs = images.map((image) => Buffer.from(answer(image).probabilities.buffer));
writeFileSync(found, Buffer.concat(outputs));

/** @type {number[]} */
const times = [];
const began = performance.now();
while (times.length < TURNS && performance.now() - began < LONGEST_MS) {
  const start = performance.now();
  answer(images[times.length % count]);
  times.push(performance.now() - start);
}
times.sort((one, other) => one - other);
process.stdout.write(String(times[times.length >> 1]));
