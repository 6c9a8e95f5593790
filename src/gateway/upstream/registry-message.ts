/** The first error's words in the distribution spec's envelope, or the text itself; for a message that people read. */
export function findRegistryMessage(text: string): string | undefined {
  const words = messageOf(text) ?? (/^\s*[<{[]/.test(text) ? undefined : text);
  // No line breaks or escape sequences of somebody else's in a terminal or a log.
  const plain = words?.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return plain === undefined || plain === "" ? undefined : plain.slice(0, 300);
}

function messageOf(text: string): string | undefined {
  try {
    const { errors, details, message } = JSON.parse(text) as Record<string, unknown>;
    const first = Array.isArray(errors) ? (errors[0] as Record<string, unknown> | undefined) : undefined;
    return [first?.message, first?.code, details, message].find((words) => typeof words === "string");
  } catch {
    return undefined;
  }
}
