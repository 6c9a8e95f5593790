/**
 * `codebuild-glob-search PATTERN…`: the files below the working directory that match one of the patterns, relative to it, in
 * order, each once. It needs `find`, `awk` and `sort` as POSIX has them, and no more.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/parallel-test-glob-search.html
 *
 * Documented are `*` and `**`; `?`, `[…]` and `{a,b}` are taken as most of their kind take them. Where AWS writes that
 * nothing was found is not known: here it is stderr, since stdout is a list of names for the next program.
 */
export const globSearchScript = String.raw`#!/bin/sh
LC_ALL=C
export LC_ALL
if [ $# -eq 0 ]; then
  echo "usage: codebuild-glob-search PATTERN..." >&2
  exit 2
fi
found=$(find . ! -type d -print | awk '
  function expressionOf(glob,   out, at, letter, depth, end, set) {
    sub(/^\.\//, "", glob)
    for (at = 1; at <= length(glob); at++) {
      letter = substr(glob, at, 1)
      if (substr(glob, at, 3) == "**/") { out = out "(.*/)?"; at += 2 }
      else if (substr(glob, at, 2) == "**") { out = out ".*"; at += 1 }
      else if (letter == "*") out = out "[^/]*"
      else if (letter == "?") out = out "[^/]"
      else if (letter == "{") { out = out "("; depth++ }
      else if (letter == "}" && depth > 0) { out = out ")"; depth-- }
      else if (letter == "," && depth > 0) out = out "|"
      else if (letter == "[" && (end = index(substr(glob, at + 2), "]")) > 0) {
        set = substr(glob, at + 1, end)
        sub(/^!/, "^", set)
        out = out "[" set "]"
        at += end + 1
      }
      else if (index("[].^$+()|\\}", letter) > 0) out = out "\\" letter
      else out = out letter
    }
    while (depth-- > 0) out = out ")"
    return out
  }
  BEGIN {
    for (i = 1; i < ARGC; i++) all = all (i > 1 ? "|" : "") expressionOf(ARGV[i])
    all = "^(" all ")$"
    ARGC = 1
  }
  { sub(/^\.\//, "") }
  $0 ~ all
' "$@" | sort -u)
if [ -z "$found" ]; then
  echo "No files found matching the provided patterns" >&2
  exit 0
fi
printf '%s\n' "$found"
`;
