/**
 * `codebuild-tests-run`: runs a test command on the files that are this build's share of a fan-out. It needs `awk`, `sed`
 * and `sort` as POSIX has them. https://docs.aws.amazon.com/codebuild/latest/userguide/parallel-test-tests-run.html
 *
 * equal-distribution: the files in order, in pieces that differ by one file at the most. stability: each file goes to the
 * build for which the hash of both is greatest, so that it moves only if that build does; AWS's own hash is not known, so
 * its shares are others. The files are added to the command, unless that asks for CODEBUILD_CURRENT_SHARD_FILES itself.
 * A search that finds nothing fails, which AWS does not document: tests that nobody ran are no success.
 */
export const testsRunScript = String.raw`#!/bin/sh
usage() {
  echo "$1" >&2
  echo "usage: codebuild-tests-run --test-command COMMAND --files-search COMMAND [--sharding-strategy equal-distribution|stability]" >&2
  exit 2
}
test_command= files_search= strategy=equal-distribution
while [ $# -gt 0 ]; do
  case $1 in
    --*=*)
      name=$(printf '%s\n' "$1" | sed -e '1s/=.*//' -e q)
      value=$(printf '%s\n' "$1" | sed -e '1s/^[^=]*=//')
      shift
      ;;
    *)
      [ $# -ge 2 ] || usage "$1 has no value"
      name=$1 value=$2
      shift 2
      ;;
  esac
  case $name in
    --test-command) test_command=$value ;;
    --files-search) files_search=$value ;;
    --sharding-strategy) strategy=$value ;;
    *) usage "unknown option $name" ;;
  esac
done
[ -n "$test_command" ] || usage "--test-command is missing"
[ -n "$files_search" ] || usage "--files-search is missing"
case $strategy in
  equal-distribution | stability) ;;
  *) usage "unknown sharding strategy $strategy" ;;
esac
shard=1 shards=1
[ -z "$CHUBO_SHARD_COUNT" ] || { shard=$CHUBO_SHARD_INDEX shards=$CHUBO_SHARD_COUNT; }

files=$(sh -c "$files_search") || { status=$?; echo "the files search failed with exit status $status" >&2; exit $status; }
if [ -z "$files" ]; then
  echo "the files search found no test files" >&2
  exit 1
fi
CODEBUILD_CURRENT_SHARD_FILES=$(printf '%s\n' "$files" | LC_ALL=C sort -u | LC_ALL=C awk -v shard="$shard" -v shards="$shards" -v strategy="$strategy" '
  function hash(text,   value, at) {
    value = 17
    for (at = 1; at <= length(text); at++) value = (value * 31 + code[substr(text, at, 1)]) % 2147483647
    for (at = 0; at < 3; at++) value = (value * 16807 + 12345) % 2147483647
    return value
  }
  function shardOf(file,   other, weight, best, chosen) {
    best = -1
    for (other = 1; other <= shards; other++) {
      weight = hash(other "#" file)
      if (weight > best) { best = weight; chosen = other }
    }
    return chosen
  }
  BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }
  length($0) > 0 { name[n++] = $0 }
  END {
    least = int(n / shards); rest = n % shards
    first = (shard - 1) * least + (shard - 1 < rest ? shard - 1 : rest)
    last = first + least + (shard <= rest ? 1 : 0)
    for (i = 0; i < n; i++) {
      if (strategy == "stability" ? shardOf(name[i]) == shard : i >= first && i < last) print name[i]
    }
  }
')
export CODEBUILD_CURRENT_SHARD_FILES
if [ -z "$CODEBUILD_CURRENT_SHARD_FILES" ]; then
  echo "No test files are this build's share ($shard of $shards)"
  exit 0
fi
case $test_command in
  *CODEBUILD_CURRENT_SHARD_FILES*) exec sh -c "$test_command" ;;
esac
set -f
IFS='
'
set -- $CODEBUILD_CURRENT_SHARD_FILES
exec sh -c "$test_command \"\$@\"" codebuild-tests-run "$@"
`;
