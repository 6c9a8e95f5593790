/** What `chubo explain` and a rule's page say. */
export interface Explanation {
  title: string;
  why: string;
  /** What it finds, as a file has it. */
  example: string;
  remedy: string;
}

export const languages = ["en", "ja"] as const;
export type Language = (typeof languages)[number];

/** Japanese where the locale asks for it: `ja`, `ja_JP.UTF-8`. */
export function languageOf(locale: string): Language {
  return /^ja\b|^ja_/.test(locale) ? "ja" : "en";
}
