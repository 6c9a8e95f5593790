/** A file of the checked directory, decoded without loss: encoding `text` as UTF-8 gives its bytes again. */
export interface SourceFile {
  /** Relative to the checked directory, with `/`. */
  path: string;
  text: string;
}

/** A piece of a file's text, in UTF-16 code units; `end` is exclusive. */
export interface TextRange {
  start: number;
  end: number;
}
