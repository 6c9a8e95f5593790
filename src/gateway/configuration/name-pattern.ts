/** A pattern of names in which `*` stands for any characters, slashes among them. */
export function compilePattern(pattern: string): RegExp {
  // `**` says no more than `*`, and would make the search longer.
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
