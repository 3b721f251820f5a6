// Where an instance leaves its last words: its own memory is given up after a trap.

let lastWords = "";

/** Called from inside WebAssembly, by the panic hook. */
export function panicked(message) {
  lastWords = message;
}

/** What the panic said; empty if there was none. */
export function takeLastWords() {
  const said = lastWords;
  lastWords = "";
  return said;
}
