import { bakeReader } from "./extract/bake.ts";
import { buildspecReader } from "./extract/buildspec.ts";
import { cdkAssetsReader, cdkSourceReader } from "./extract/cdk.ts";
import { cloudFormationReader } from "./extract/cloudformation/read-template.ts";
import { devContainer } from "./extract/devcontainer.ts";
import { ecsTaskDefinitionReader } from "./extract/ecs-task-definition.ts";
import { kubernetes } from "./extract/kubernetes.ts";
import { shellScriptReader } from "./extract/shell-script.ts";
import { packageScriptsReader } from "./extract/task-scripts.ts";
import { testcontainersReader } from "./extract/testcontainers.ts";
import type { FileReader } from "./extraction.ts";
import { codeReaders, fileReaders } from "./readers.ts";

/** The readers that may be for a file of that name, in their order; each is still asked. */
export interface ReaderSelection {
  file: readonly FileReader[];
  code: readonly FileReader[];
  /** No file without one of these words is for any of them, whatever its name. */
  words?: readonly string[];
}

const all: ReaderSelection = { file: fileReaders, code: codeReaders };
const none: ReaderSelection = { file: [], code: [] };
/** Any text with a shell's first line is a script, whatever its name. */
const shellOnly = byWords([]);
const bothKinds = byWords([cdkSourceReader, testcontainersReader]);
const testsOnly = byWords([testcontainersReader]);

function byWords(code: readonly FileReader[]): ReaderSelection {
  const file = [shellScriptReader];
  return { file, code, words: [...file, ...code].flatMap(({ words = [] }) => words) };
}

/** Nobody writes a reference to be pulled in these, or a script: they are not even opened. */
const unread = [
  "png jpg jpeg gif ico bmp tif tiff webp avif svg psd ai eps pdf ttf otf woff woff2 eot mp3 mp4 m4a ogg wav flac webm mov avi mkv",
  "zip gz tgz bz2 xz zst 7z rar jar war ear whl gem nupkg deb rpm apk iso img bin exe dll so dylib a o obj lib class pyc pyo pyd wasm node",
  "pem crt cer der p12 jks key pub asc sig gpg db sqlite sqlite3 parquet avro onnx pb npy npz pkl h5 map",
  "md markdown mdx rst adoc html htm xhtml css scss sass less styl",
  "po pot mo srt vtt csv tsv xlsx xls docx doc pptx ppt odt",
];
const byExtension: ReadonlyMap<string, ReaderSelection> = new Map([
  ...unread.flatMap((line) => line.split(" ")).map((extension) => [extension, none] as const),
  ..."js jsx ts tsx cjs mjs cts mts cjsx mjsx ctsx mtsx py java cs go kt"
    .split(" ")
    .map((extension) => [extension, bothKinds] as const),
  ..."fs kts groovy scala".split(" ").map((extension) => [extension, testsOnly] as const),
  ..."c h cc hh cpp hpp cxx hxx m mm rs rb php pl pm lua r jl swift dart ex exs erl hrl hs elm clj cljs ml mli vue svelte astro proto graphql sql txt log xml xsd lock sum snap"
    .split(" ")
    .map((extension) => [extension, shellOnly] as const),
  [
    "json",
    {
      file: [
        bakeReader,
        devContainer,
        packageScriptsReader,
        cdkAssetsReader,
        cloudFormationReader,
        buildspecReader,
        ecsTaskDefinitionReader,
        kubernetes,
        shellScriptReader,
      ],
      code: [],
    },
  ],
]);
/** They take any extension: `Dockerfile.md` is a question to its reader. */
const namedFile = /file/i;

export function selectReaders(path: string): ReaderSelection {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  if (dot < 0 || namedFile.test(name)) return all;
  return byExtension.get(name.slice(dot + 1).toLowerCase()) ?? all;
}
