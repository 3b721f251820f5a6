"use strict";

/** The name of the compiled part on this machine: `stratum.linux-x64-gnu.node`. */
function fileName() {
  const { platform, arch } = process;
  const musl = platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  const kind = { linux: musl ? "-musl" : "-gnu", win32: "-msvc" }[platform] ?? "";
  return `stratum.${platform}-${arch}${kind}.node`;
}

module.exports = { fileName };
