import { type ConfigValue, parseConfigValue } from "../../configuration/config-value.ts";
import type { CheckConfiguration, IgnoreEntry } from "./check-configuration.ts";

/** `shown` is the file as its reader named it. What other commands read of it is left to them. */
export function parseCheckConfiguration(text: string, shown: string): CheckConfiguration {
  const root = parseConfigValue(text, shown);
  if (root.isEmpty()) return { ignore: [] };
  const { check } = root.fields(["check", "images", "services"]);
  const { ignore } = check?.fields(["ignore"]) ?? {};
  return { ignore: ignore?.list().map(parseEntry) ?? [] };
}

function parseEntry(entry: ConfigValue): IgnoreEntry {
  const members = entry.fields(["code", "path", "image", "reason"]);
  const textOf = (value: ConfigValue | undefined): string | undefined => {
    if (value === undefined) return undefined;
    const text = value.text().trim();
    if (text === "") throw value.refusal(`${value.path} is a text that is not empty`);
    return text;
  };
  const [code, path, image] = [textOf(members.code), textOf(members.path), textOf(members.image)];
  const reason = textOf(members.reason);
  if (code === undefined) throw entry.refusal("code is missing", "code: CHUBO001");
  if (!/^CHUBO\d{3}$/.test(code)) throw (members.code ?? entry).refusal(`no code of a rule: ${code}`, "CHUBO001");
  if (reason === undefined) {
    throw entry.refusal("reason is missing: say why this is no problem here", "reason: pulled once a month by hand");
  }
  return {
    ...{ code, reason, place: `${entry.place.file}:${entry.place.line}` },
    ...(path === undefined ? {} : { path }),
    ...(image === undefined ? {} : { image }),
  };
}
