// Loads slots.wasm, in a browser or in Node: `const ask = await load(bytes)`, then `ask('Europe/Madrid 2026-03-28 22:00 04:00 60')`.

/** Seconds east of UTC, by the zones that the browser knows. Undefined where there is no such zone. */
const formats = new Map();
function offset(zone, seconds) {
  if (!formats.has(zone)) {
    const fields = { era: 'short', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' };
    try {
      formats.set(zone, new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...fields }));
    } catch {
      return undefined;
    }
  }
  const wall = Object.fromEntries(formats.get(zone).formatToParts(seconds * 1000).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second) / 1000 - seconds;
}

export async function load(bytes) {
  let memory; // it may grow, so views of it are made anew
  const text = (at, size) => new TextDecoder().decode(new Uint8Array(memory.buffer, at, size));
  const none = () => 8; // EBADF: there are no files
  const { instance } = await WebAssembly.instantiate(bytes, {
    intl: { offset: (at, size, seconds) => offset(text(at, size), seconds) ?? -(2 ** 31) },
    wasi_snapshot_preview1: {
      environ_sizes_get: (count, size) => (new Uint32Array(memory.buffer)[count / 4] = new Uint32Array(memory.buffer)[size / 4] = 0),
      environ_get: () => 0, fd_close: none, fd_seek: none, fd_write: none,
      proc_exit: (code) => { throw new Error(`slots.wasm ended with ${code}`); },
    },
  });
  memory = instance.exports.memory;
  instance.exports._initialize();
  return (question) => {
    const { written } = new TextEncoder().encodeInto(question, new Uint8Array(memory.buffer, instance.exports.question(), 255));
    new Uint8Array(memory.buffer)[instance.exports.question() + written] = 0;
    const at = instance.exports.answer();
    return text(at, new Uint8Array(memory.buffer).indexOf(0, at) - at);
  };
}
