/**
 * `codebuild-hash-files PATTERN…` prints one SHA-256 for the files below the source directory that match. AWS says no more than
 * that; which bytes go in is ours: the SHA-256 of each file in hexadecimal, a line each, in the order of their names.
 * A POSIX shell with find, grep, sed, sort and one of sha256sum, shasum and openssl is all it needs.
 */
export const hashFilesProgram = `#!/bin/sh
# Prints one SHA-256 for the files of the source directory that match the patterns.
[ $# -gt 0 ] || { echo 'usage: codebuild-hash-files PATTERN...' >&2; exit 2; }
cd "\${CODEBUILD_SRC_DIR:-.}" || exit 1
if command -v sha256sum > /dev/null 2>&1; then sum() { sha256sum; }
elif command -v shasum > /dev/null 2>&1; then sum() { shasum -a 256; }
else sum() { openssl dgst -sha256 -r; }
fi
expressions=$(for pattern do
  printf '%s\\n' "$pattern" | sed -e 's:^\\./::' -e 's/[][\\.^$+(){}|]/\\\\&/g' \\
    -e 's:\\*\\*/:<any>:g' -e 's:\\*\\*:<all>:g' -e 's:\\*:[^/]*:g' -e 's:?:[^/]:g' \\
    -e 's:<any>:(.*/)?:g' -e 's:<all>:.*:g' -e 's:^:^:' -e 's:$:$:'
done)
hashes=$(find . -type f -print | sed 's:^\\./::' | LC_ALL=C sort | grep -E -e "$expressions" | while IFS= read -r file; do
  sum < "$file" | sed 's/ .*//'
done)
[ -n "$hashes" ] || { echo "codebuild-hash-files: no file matches: $*" >&2; exit 1; }
printf '%s\\n' "$hashes" | sum | sed 's/ .*//'
`;

export const cachePrograms = { "codebuild-hash-files": hashFilesProgram };
