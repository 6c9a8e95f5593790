import type { ImageUse } from "../image-use.ts";
import type { EditGroup, PlacedEdit, Remedy } from "./remedy.ts";

/**
 * A remedy's edits as they may be taken apart, by path and place. Where it does not say itself, each image is one by itself,
 * with its registry if that stands elsewhere; but all are one where there are edits at no image: a rule that images need.
 */
export function groupEdits({ edits, groups }: Remedy): EditGroup[] {
  const placed = edits.flatMap(({ file, edits: own }) => own.map((edit) => ({ file, edit })));
  const made =
    groups ??
    joinEdits(
      placed.map((one) => [one]),
      keysOfImage(placed),
    );
  return made
    .filter((group) => group.length > 0)
    .map((group) => group.toSorted(comparePlaces))
    .toSorted(([a], [b]) => (a === undefined || b === undefined ? 0 : comparePlaces(a, b)));
}

/** Joins the groups that have a key in common, also by way of a third one. */
export function joinEdits(groups: readonly EditGroup[], keysOf: (edit: PlacedEdit) => readonly string[]): EditGroup[] {
  const joined: { edits: PlacedEdit[]; keys: Set<string> }[] = [];
  for (const group of groups) {
    const keys = new Set(group.flatMap(keysOf));
    const touched = joined.filter((other) => [...keys].some((key) => other.keys.has(key)));
    for (const other of touched) joined.splice(joined.indexOf(other), 1);
    joined.push({
      edits: [...touched.flatMap(({ edits }) => edits), ...group],
      keys: new Set([...touched.flatMap((other) => [...other.keys]), ...keys]),
    });
  }
  return joined.map(({ edits }) => edits);
}

function keysOfImage(all: readonly PlacedEdit[]): (edit: PlacedEdit) => readonly string[] {
  const places = new Map<string, string>();
  for (const file of new Set(all.map((one) => one.file))) {
    for (const image of file.extraction.images) {
      const [first = 0] = startsOf(image);
      for (const start of startsOf(image)) places.set(`${file.path}:${start}`, `${file.path}:${first}`);
    }
  }
  const keys = all.map(({ file, edit }) => places.get(`${file.path}:${edit.range.start}`));
  if (keys.includes(undefined)) return () => ["all"];
  return ({ file, edit }) => [places.get(`${file.path}:${edit.range.start}`) ?? ""];
}

function startsOf({ edit, splitEdit }: ImageUse): number[] {
  const parts = splitEdit === undefined ? [] : [splitEdit.registry, splitEdit.repository];
  return [...(edit === undefined ? [] : [edit]), ...parts].map(({ range }) => range.start);
}

function comparePlaces(a: PlacedEdit, b: PlacedEdit): number {
  if (a.file.path !== b.file.path) return a.file.path < b.file.path ? -1 : 1;
  return a.edit.range.start - b.edit.range.start;
}
