import { globSearchScript } from "./glob-search-script.ts";
import { testsRunScript } from "./tests-run-script.ts";

/** What the builds of a fan-out share their tests with; every build finds them. */
export const testPrograms = { "codebuild-glob-search": globSearchScript, "codebuild-tests-run": testsRunScript };
