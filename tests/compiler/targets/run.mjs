// Calls kernels of a WebAssembly module on an image of memory: see foreign.py.
// @ts-check
import { readFileSync, writeFileSync } from "node:fs";

const [program, folder] = process.argv.slice(2);
const image = readFileSync(`${folder}/memory`);
/** @type {{ name: string, places: number[], arguments: number[] }[]} */
const calls = JSON.parse(readFileSync(`${folder}/calls.json`, "utf8"));

const { instance } = await WebAssembly.instantiate(readFileSync(program));
const exports = /** @type {Record<string, any>} */ (instance.exports);
const start = Math.ceil(exports.__heap_base.value / 64) * 64;
const missing = start + image.length - exports.memory.buffer.byteLength;
if (missing > 0) exports.memory.grow(Math.ceil(missing / 65536));
const memory = new Uint8Array(exports.memory.buffer, start, image.length);
memory.set(image);
for (const call of calls)
  exports[call.name](...call.places.map((at) => start + at), ...call.arguments.map(BigInt));
writeFileSync(`${folder}/memory`, memory);
