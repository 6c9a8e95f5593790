const { SourceMap } = process.getBuiltinModule("node:module");
const { readFileSync } = process.getBuiltinModule("node:fs");
const { dirname, resolve } = process.getBuiltinModule("node:path");
const { pathToFileURL } = process.getBuiltinModule("node:url");

/**
 * From now on stack traces name the sources of a bundled file. Its map is read with the first stack that is looked at;
 * Node's own --enable-source-maps reads it at each start, for 8 ms.
 *
 * @param {string} file with its map beside it
 */
export function showSourcePositions(file) {
  const url = String(pathToFileURL(file));
  let map;
  const findPlace = (line, column) => {
    map ??= new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
    const { fileName, lineNumber, columnNumber } = map.findOrigin(line, column);
    return fileName && `${resolve(dirname(file), fileName)}:${lineNumber}:${columnNumber}`;
  };
  Error.prepareStackTrace = (error, frames) => {
    const lines = frames.map((frame) => {
      const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
      const place = frame.getFileName() === url ? findPlace(line, column) : undefined;
      return `    at ${place === undefined ? frame : String(frame).replace(`${url}:${line}:${column}`, place)}`;
    });
    return [String(error), ...lines].join("\n");
  };
}
