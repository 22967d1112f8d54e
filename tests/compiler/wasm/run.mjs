// Answers images with modules that stand alone: see nodes.py.
// @ts-check
import { readFileSync, writeFileSync } from "node:fs";

const [folder] = process.argv.slice(2);
/** @type {{ parameters: number, pixels: number, size: number, reads: [number, number][] }[]} */
const jobs = JSON.parse(readFileSync(`${folder}/jobs.json`, "utf8"));
for (const [number, { parameters, pixels, size, reads }] of jobs.entries()) {
  const { instance } = await WebAssembly.instantiate(readFileSync(`${folder}/${number}.wasm`));
  const exports = /** @type {Record<string, any>} */ (instance.exports);
  const memory = new Uint8Array(exports.memory.buffer);
  memory.set(readFileSync(`${folder}/${number}.weights`), parameters);
  exports.prepare();
  const images = readFileSync(`${folder}/${number}.pixels`);
  const found = [];
  for (let at = 0; at < images.length; at += size) {
    memory.set(images.subarray(at, at + size), pixels);
    exports.answer();
    for (const [from, bytes] of reads) found.push(memory.slice(from, from + bytes));
  }
  writeFileSync(`${folder}/${number}.found`, Buffer.concat(found));
}
