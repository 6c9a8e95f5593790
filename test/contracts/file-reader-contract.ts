import assert from "node:assert/strict";
import type { FileReader } from "../../src/check/extraction.ts";
import type { ImageUse } from "../../src/check/image-use.ts";
import type { SourceFile } from "../../src/check/source-file.ts";
import { applyEdits } from "../../src/check/text-edit.ts";

const replaced = "registry.example/replaced/image";

/**
 * What holds for every reader and file: each place is the text that it says, and a change at an edit's place gives a file
 * that names the other image there and everywhere else the same ones.
 */
export function checkReaderContract(reader: FileReader, file: SourceFile): void {
  const { images, jobs, notes } = reader.read(file);
  for (const image of images) checkPlaces(file, image);
  const ranges = [...notes, ...jobs, ...jobs.flatMap(({ steps }) => steps)].map(({ range }) => range);
  for (const { start, end } of ranges) assert.ok(0 <= start && start <= end && end <= file.text.length, file.path);
  for (const image of images.filter(({ edit }) => edit !== undefined)) checkEdit(reader, file, images, image);
}

function checkPlaces({ path, text }: SourceFile, { written, range, edit }: ImageUse): void {
  assert.equal(text.slice(range.start, range.end), written, `${path}: ${written}`);
  if (edit?.holds !== "reference" || edit.range.start !== range.start) return;
  assert.equal(edit.range.end, range.end, `${path}: ${written}`);
}

function checkEdit(reader: FileReader, file: SourceFile, before: readonly ImageUse[], image: ImageUse): void {
  const { edit } = image;
  if (edit === undefined) return;
  const replacement = edit.holds === "repository" ? replaced : `${replaced}:9`;
  const text = applyEdits(file.text, [{ range: edit.range, text: replacement }]);
  const after = reader.read({ path: file.path, text }).images;
  assert.equal(after.length, before.length, `${file.path}: ${image.written}`);
  for (const [index, other] of before.entries()) {
    const read = after[index];
    if (other.edit?.range.start !== edit.range.start) {
      // A variable that is changed for one image may be a piece of another one.
      if (other.variables === undefined)
        assert.equal(read?.reference, other.reference, `${file.path}: ${other.written}`);
    } else if (other.edit.holds === "reference")
      assert.equal(read?.reference, replacement, `${file.path}: ${other.written}`);
    else if (other.reference === undefined) assert.ok(read?.edit?.text === replaced, `${file.path}: ${other.written}`);
    else if (edit.holds === "repository") {
      const tag = other.reference.slice(other.reference.search(/[@:](?!.*\/)/));
      assert.ok(
        read?.reference?.startsWith(replaced) && read.reference.endsWith(tag),
        `${file.path}: ${other.written}`,
      );
    }
  }
}
