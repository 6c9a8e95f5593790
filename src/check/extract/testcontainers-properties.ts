import type { FileReader } from "../extraction.ts";
import { pieceOf, wholeText } from "../mapped-text.ts";
import { openFindings } from "./findings.ts";
import { imageUseOf } from "./image-use-of.ts";

const propertiesPath = /(?:^|\/)\.?testcontainers\.properties$/;

/** `key = value`, `key: value`. https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html */
const property = /^[ \t]*([\w.-]+)[ \t]*[=:][ \t]*(\S+)[ \t]*\r?$/gm;

/** https://java.testcontainers.org/features/configuration/ */
export const testcontainersProperties: FileReader = {
  kind: "Testcontainers properties",
  isFor: ({ path }) => propertiesPath.test(path),
  read({ path, text }) {
    const findings = openFindings(text);
    const source = wholeText(text);
    for (const { 0: line, 1: key = "", 2: value = "", index } of text.matchAll(property)) {
      const start = index + line.lastIndexOf(value);
      const range = { start, end: start + value.length };
      if (key === "hub.image.name.prefix") {
        const step = { kind: "mirror", range, url: value } as const;
        findings.jobs.push({ runner: "script", name: path, range, runnerImages: [], steps: [step] });
      } else if (key.endsWith("container.image")) {
        findings.addImage(imageUseOf(pieceOf(source, range), { kind: "development", site: key }));
      }
    }
    return findings.extraction();
  },
};
