/** The format that a file's beginning shows; undefined for what is no report. */
export function recognizeFormat(beginning: string): string | undefined {
  const text = beginning.replace(/^\uFEFF/, "").trimStart();
  if (text.startsWith("["))
    return /"elements"\s*:/.test(text) && /"keyword"\s*:/.test(text) ? "CUCUMBERJSON" : undefined;
  if (text.startsWith("{")) return /^\{\s*"[^"]*"\s*:\s*\{\s*"coverage"\s*:\s*\{/.test(text) ? "SIMPLECOV" : undefined;
  const withoutProlog = text.replace(/<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*(\[[^\]]*\])?\s*>/g, "");
  const [, root, attributes = ""] = /^\s*<([A-Za-z-]+)([^>]*)/.exec(withoutProlog) ?? [];
  switch (root) {
    case "testsuites":
    case "testsuite":
      return "JUNITXML";
    case "test-results":
      return "NUNITXML";
    case "test-run":
      return "NUNIT3XML";
    case "testng-results":
      return "TESTNGXML";
    case "TestRun":
      return "VISUALSTUDIOTRX";
    case "coverage":
      if (/\bline-rate=/.test(attributes)) return "COBERTURAXML";
      return /\bclover=|\bgenerated=/.test(attributes) ? "CLOVERXML" : undefined;
    case "report":
      return /<!DOCTYPE report[^>]*JACOCO/i.test(text) || /<sessioninfo\b/.test(text) ? "JACOCOXML" : undefined;
    default:
      return undefined;
  }
}
