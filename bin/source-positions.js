const { SourceMap } = require("node:module");
const { readFileSync } = require("node:fs");
const { dirname, resolve } = require("node:path");

let map;

/**
 * An error's stack, as Error.prepareStackTrace gives it, with the places of the sources in place of the bundle's.
 *
 * @param {unknown} error
 * @param {readonly NodeJS.CallSite[]} frames
 * @param {string} bundle file with its map beside it
 */
function formatStack(error, frames, bundle) {
  const lines = frames.map((frame) => {
    const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
    const place = frame.getFileName() === bundle ? findPlace(bundle, line, column) : undefined;
    return `    at ${place === undefined ? frame : String(frame).replace(`${bundle}:${line}:${column}`, place)}`;
  });
  return [String(error), ...lines].join("\n");
}

/** @type {(bundle: string, line: number | null, column: number | null) => string | undefined} */
function findPlace(bundle, line, column) {
  map ??= new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, "utf8")));
  const { fileName, lineNumber, columnNumber } = map.findOrigin(line, column);
  return fileName && `${resolve(dirname(bundle), fileName)}:${lineNumber}:${columnNumber}`;
}

module.exports = { formatStack };
