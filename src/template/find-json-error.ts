const token =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids these in strings
  /\s*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y;

/**
 * Offset at which a text stops to be JSON. `JSON.parse` knows it as well, and tells it only for some errors, and with
 * a piece of the text, which may hold a secret.
 */
export function findJsonError(text: string): number | undefined {
  const reader = jsonReader(text);
  try {
    readValue(reader);
  } catch (error) {
    if (error instanceof JsonError) return error.offset;
    throw error;
  }
  const end = reader.place();
  return end === text.length ? undefined : end;
}

class JsonError extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super(`not JSON at ${offset}`);
    this.offset = offset;
  }
}

interface JsonReader {
  /** One of the punctuation marks, `string` or `literal`; undefined where there is no token. */
  peek(): string | undefined;
  next(): string | undefined;
  /** Where the next token is, or should be. */
  place(): number;
}

function jsonReader(text: string): JsonReader {
  let at = 0;
  const match = () => {
    token.lastIndex = at;
    return token.exec(text);
  };
  const kindOf = (found: RegExpExecArray | null) => {
    if (found === null) return undefined;
    return found[1] ?? (found[2] === undefined ? "literal" : "string");
  };
  return {
    peek: () => kindOf(match()),
    next() {
      const found = match();
      if (found !== null) at += found[0].length;
      return kindOf(found);
    },
    place() {
      let place = at;
      while (/\s/.test(text[place] ?? "")) place++;
      return place;
    },
  };
}

function expect(reader: JsonReader, ...kinds: string[]): string {
  const place = reader.place();
  const found = reader.next();
  if (found === undefined || !kinds.includes(found)) throw new JsonError(place);
  return found;
}

function readValue(reader: JsonReader): void {
  const first = expect(reader, "{", "[", "string", "literal");
  if (first === "{") readMembers(reader, "}", () => readMember(reader));
  else if (first === "[") readMembers(reader, "]", () => readValue(reader));
}

function readMembers(reader: JsonReader, end: string, readOne: () => void): void {
  if (reader.peek() === end) {
    reader.next();
    return;
  }
  do readOne();
  while (expect(reader, ",", end) === ",");
}

function readMember(reader: JsonReader): void {
  expect(reader, "string");
  expect(reader, ":");
  readValue(reader);
}
