/** One challenge of a `WWW-Authenticate` header, https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 */
export interface AuthChallenge {
  /** In lower case: `bearer`, `basic`. */
  scheme: string;
  /** Names in lower case. */
  parameters: Readonly<Record<string, string>>;
}

const schemeShape = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
/** What follows a scheme instead of parameters, as in `Negotiate YII=`. */
const token68Shape = /[ \t]+[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)/y;
/** An unquoted value may hold what the grammar forbids: registries exist that write a bare URL. */
const parameterShape = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;

/** All challenges of the header in its order, several headers included. What is malformed ends the list. */
export function parseAuthChallenges(header: string | string[] | undefined): AuthChallenge[] {
  const text = Array.isArray(header) ? header.join(", ") : (header ?? "");
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let position = 0;
  const take = (shape: RegExp): RegExpExecArray | null => {
    shape.lastIndex = position;
    const match = shape.exec(text);
    if (match !== null) position = shape.lastIndex;
    return match;
  };
  for (;;) {
    take(/[\s,]*/y);
    const current = challenges.at(-1);
    const parameter = current === undefined ? null : take(parameterShape);
    if (parameter !== null && current !== undefined) {
      const [, name = "", quoted, bare = ""] = parameter;
      current.parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, "$1") ?? bare;
      continue;
    }
    const scheme = take(schemeShape);
    if (scheme === null) return challenges;
    challenges.push({ scheme: scheme[0].toLowerCase(), parameters: Object.create(null) as Record<string, string> });
    take(token68Shape);
  }
}
